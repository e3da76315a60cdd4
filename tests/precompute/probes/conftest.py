"""Twelve structures that ship with the project, each of another family."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.examples import list_examples, load_example


@pytest.fixture(scope="session")
def structures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("probed") / "structures"
    folder.mkdir()
    for entry in list_examples():
        text = load_example(entry.name).structure_text
        (folder / f"{entry.name.lower()}.pdb").write_text(text)
    return folder
