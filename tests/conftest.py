"""Fixtures that several rooms use."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner

from tests import measured

# The same commit gives the same result: `make test` draws the same examples each time.
# `make test ARGS="--hypothesis-profile search"` looks for new ones.
# None has a deadline: how long an example takes says how busy the machine is.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=1000, deadline=None)
settings.load_profile("same")

# Each `AppTest` reads what every installed package says of itself, in search of components; that
# is half of a page's test, and packages stay as they are while tests run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

# Tests say themselves which results are there; those of the demo ask for it.
os.environ["ATLAS_DEMO"] = "0"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests of CUDA devices be asked for."""
    parser.addoption("--cuda", action="store_true", help="run what is tested on CUDA devices")


def pytest_configure(config: pytest.Config) -> None:
    """Hide CUDA devices from tests that compare with a processor to the last bit."""
    if not config.getoption("--cuda"):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the tests of CUDA devices alone where they are asked for, and never otherwise."""
    if config.getoption("--cuda"):
        import torch

        kept = [item for item in items if item.get_closest_marker("cuda")]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
        reason = "" if torch.cuda.is_available() else "no CUDA device is here"
    else:
        reason = 'they need a CUDA device: make test ARGS="--cuda"'
    for item in items if reason else []:
        if item.get_closest_marker("cuda"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of two small runs; not to be changed."""
    return measured.write_results(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def contacts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of one run of contacts; not to be changed."""
    from tests.measured_contacts import measured_contacts  # it imports torch

    return measured_contacts(tmp_path_factory.mktemp("contacts"))[0]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a case of bytes by their number: gzip puts the time into them, and two processes
    that collect the same tests would call them differently."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) else None
