"""Commands of the documents that no test can run, and what is looked at instead."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from benchmarks import __main__ as benchmarks
from benchmarks import pictures
from dashboard import __main__ as dashboard
from dashboard import health
from precompute import command_line as precompute
from tests.packaging.documents import ROOT

PYTHON = ".venv/bin/python -m "


def read_arguments(command: str) -> None:
    """Let our own parsers read a command of ours, without doing what it says.

    argparse ends the process where they do not fit.
    """
    module, *arguments = shlex.split(command.removeprefix(PYTHON))
    if module == "precompute":
        precompute._parser().parse_args(arguments)
    elif module == "dashboard":
        dashboard._parser(arguments).parse_args(arguments)
    elif module == "dashboard.health":
        health.build_parser().parse_args(arguments)
    else:
        assert module in ("benchmarks", "benchmarks.pictures"), command
        build = benchmarks.build_parser if module == "benchmarks" else pictures.build_parser
        build().parse_args(arguments)


def read_slurm(command: str) -> None:
    """The script takes a number of jobs, and hands the rest to `precompute run`."""
    jobs, *options = shlex.split(command)[2:]
    assert int(jobs) > 0
    precompute._parser().parse_args(["run", *options])


def find_target(command: str) -> None:
    """Make knows the target and what it would do."""
    words = [word for word in shlex.split(command) if not re.match(r"(ATLAS|AWS)_", word)]
    done = subprocess.run(
        [words[0], "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def read_dockerfile(command: str) -> None:
    """The Dockerfile has the volumes and the port, and what is run in it fits our parser."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    words = shlex.split(command)
    image = "protein-attention-atlas"
    if words[1] == "compose":
        assert words[2] == "--file"
        services = yaml.safe_load((ROOT / words[3]).read_text())["services"]
        assert {service["image"] for service in services.values()} == {image, "nginx:stable"}
        return
    assert f"IMAGE ?= {image}\n" in (ROOT / "Makefile").read_text()
    if words[1] == "build":
        assert words[2:] == ["--tag", image, "."]
        return
    options, inside = words[2 : words.index(image)], words[words.index(image) + 1 :]
    options = [option for option in options if option != "--read-only"]
    hardening = {"--tmpfs": "/tmp", "--cap-drop": "ALL", "--security-opt": "no-new-privileges"}
    for option, value in zip(options[::2], options[1::2], strict=True):
        if option == "--publish":
            assert f"EXPOSE {value.split(':')[1]}" in dockerfile
        elif option in hardening:
            assert value == hardening[option]
        else:
            assert option == "--volume"
            assert value.split(":")[0].startswith("$PWD/")
    if inside:
        assert inside[:2] == ["python", "-m"]
        read_arguments(shlex.join(inside[2:]))


def find_module(command: str) -> None:
    """The module is there, and takes no arguments."""
    assert command.startswith(PYTHON)
    name = command.removeprefix(PYTHON)
    assert (ROOT / name.replace(".", "/")).with_suffix(".py").is_file(), name


def find_extra(command: str) -> None:
    """What pip is told to install are this project's own extras and files."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for extra in re.findall(r"\[(\w+)\]", command):
        assert extra in extras["optional-dependencies"]
    for file in re.findall(r"(?:--constraint|-r) (\S+)", command):
        assert (ROOT / file).is_file()


def find_tests(command: str) -> None:
    """The tests that are named are there."""
    named = [word for word in shlex.split(command) if word.startswith("tests")]
    assert named
    for name in named:
        assert (ROOT / name.partition("::")[0]).exists(), name


@dataclass(frozen=True)
class NotHere:
    """A command that cannot be run in a test of its document.

    Attributes
    ----------
    pattern
        What its beginning matches.
    why
        The reason, and where the same is run if it is.
    check
        What is looked at instead.
    """

    pattern: str
    why: str
    check: Callable[[str], None]


NOT_HERE = (
    NotHere(r"make test\b", "it would run this very test again", find_target),
    NotHere(r"make lint\b", "CI runs it before any test", find_target),
    NotHere(r"make demo\b", "trains for an hour; tests/precompute/test_demo.py", find_target),
    NotHere(r"docker\b", "there is no container engine in CI", read_dockerfile),
    NotHere(
        r"\.venv/bin/python -m pip\b",
        "needs a registry; tests/browser/test_stmol.py installs the extra",
        find_extra,
    ),
    NotHere(
        r"\.venv/bin/python -m dashboard\.health\b",
        "needs a server; tests/dashboard/test_health.py starts some",
        read_arguments,
    ),
    NotHere(
        r"ATLAS_VIEWER=stmol make\b",
        "stmol has an environment of its own in tests/browser/test_stmol.py",
        find_target,
    ),
    NotHere(r"AWS_\w+=", "needs a store; tests/browser/test_s3.py has one", find_target),
    NotHere(
        r"\.venv/bin/python docs/slurm\.py\b",
        "needs SLURM; tests/precompute/engines/test_slurm.py has a stand-in",
        read_slurm,
    ),
    NotHere(
        r"\.venv/bin/python -m precompute run .*--workers",
        "starts a cluster; tests/precompute/engines/test_dask_cluster.py has many",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m precompute train-demo\b",
        "trains for an hour; tests/precompute/test_train_demo.py trains a smaller one",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m benchmarks(?![.\w])",
        "measures for half an hour; tests/benchmarks/test_groups.py calls every group",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m benchmarks\.pictures\b",
        "opens every page in a browser; tests/browser/test_pages.py does that",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m benchmarks\.instance\b",
        "serves until it is stopped, with nginx; tests/browser/test_proxy.py does that",
        find_module,
    ),
    NotHere(
        r"\.venv/bin/python -m pytest\b",
        "a part of this suite",
        find_tests,
    ),
)


def not_here(command: str) -> NotHere | None:
    """Give what is said of a command, if it cannot be run."""
    return next((entry for entry in NOT_HERE if re.match(entry.pattern, command)), None)
