"""What the tests of precompute share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Small matrices gain nothing from threads, which wait for each other on a busy machine."""
    import torch

    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The maintainers' folder of data, or a skip where it is absent."""
    folder = Path(os.environ.get("ATLAS_SHARED") or Path(__file__).parents[3] / "shared")
    if not folder.is_dir():
        pytest.skip(f"the maintainers' data folder is not here ({folder})")
    return folder
