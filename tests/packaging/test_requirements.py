"""The pinned requirements are what pyproject.toml asks for, and the rooms keep apart."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
PRODUCT = [*PROJECT["dependencies"], *EXTRAS["models"], *EXTRAS["cluster"]]


def pins(name: str) -> dict[str, Version]:
    found: dict[str, Version] = {}
    for line in (ROOT / name).read_text().splitlines():
        if not line or line.startswith(("#", "-r ")):
            continue
        match = re.fullmatch(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)", line)
        assert match, f"{name}: {line!r} is no exact pin"
        assert match[1] not in found, f"{name}: {match[1]} is there twice"
        found[match[1]] = Version(match[2])
    return found


PINNED = pins("requirements.txt")
PINNED_TEST = pins("requirements-test.txt")


@pytest.mark.parametrize("text", PRODUCT)
def test_every_dependency_is_pinned_within_its_range(text: str) -> None:
    requirement = Requirement(text)
    assert PINNED[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("text", EXTRAS["test"])
def test_every_test_tool_is_pinned_within_its_range(text: str) -> None:
    requirement = Requirement(text)
    assert (PINNED | PINNED_TEST)[canonicalize_name(requirement.name)] in requirement.specifier


def test_test_requirements_stand_on_the_product() -> None:
    assert "-r requirements.txt" in (ROOT / "requirements-test.txt").read_text().splitlines()
    assert not PINNED.keys() & PINNED_TEST.keys()


def closure(roots: list[str]) -> set[str]:
    """Names of everything that the installed versions of the roots ask for."""
    waiting = [Requirement(root) for root in roots]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in ["", *sorted(requirement.extras)]:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            try:
                wanted = distribution(name).requires or []
            except PackageNotFoundError:
                continue
            for text in wanted:
                inner = Requirement(text)
                if inner.marker is None or inner.marker.evaluate({"extra": extra}):
                    waiting.append(inner)
    return {name for name, _ in seen}


def test_every_indirect_dependency_is_pinned_and_nothing_else_is() -> None:
    needed = {name for name in closure(PRODUCT) if not re.match(r"(nvidia|cuda|triton)(-|$)", name)}
    assert needed == set(PINNED)


def test_installed_versions_are_the_pinned_ones() -> None:
    different = {
        name: (str(version), distribution(name).version)
        for name, version in (PINNED | PINNED_TEST).items()
        if Version(distribution(name).version.split("+")[0]) != version
    }
    assert different == {}


ISOLATED = """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused!r}:
            raise ImportError(name + " must not be imported here")

sys.meta_path.insert(0, Refuse())
names = []
for package in {packages!r}:
    module = importlib.import_module(package)
    names.append(package)
    for found in pkgutil.walk_packages(module.__path__, package + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
            names.append(found.name)
print(len(names))
"""


@pytest.mark.parametrize(
    ("packages", "refused"),
    [
        pytest.param(("precompute",), ("streamlit", "plotly", "dashboard"), id="precompute"),
        pytest.param(
            ("dashboard",),
            (
                "torch",
                "transformers",
                "Bio",
                "lmdb",
                "sentencepiece",
                "safetensors",
                "scipy",
                "tqdm",
            ),
            id="dashboard",
        ),
    ],
)
def test_every_module_imports_without(packages: tuple[str, ...], refused: tuple[str, ...]) -> None:
    code = ISOLATED.format(packages=packages, refused=refused)
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 3
