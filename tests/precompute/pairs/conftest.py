"""Pairs to run: two families with aligned residues, and a structure of two chains."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.families import make_family, write_family
from tests.plus_checkpoints import write_published
from tests.precompute.strange import change, example, put

NAMES = [
    ("PF00001:S1/1-26", "PF00001:S4/1-26"),
    ("PF00001:S2/1-26", "PF00001:S3/1-26"),
    ("PF00001:S5/1-26", "PF00002:S2/1-22"),
    ("PF00002:S6/1-22", "PF00002:S1/1-22"),
    ("PF00002:S3/1-22", "PF00001:S6/1-26"),
]


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("plus") / "weights")


@pytest.fixture(scope="session")
def families(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("families")
    write_family(make_family("PF00001", 8, 26, seed=1), folder)
    write_family(make_family("PF00002", 7, 22, seed=2), folder)
    return folder


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pairs") / "pairs.txt"
    path.write_text("# two identifiers a line\n\n" + "".join(f"{a} {b}\n" for a, b in NAMES))
    return path


@pytest.fixture(scope="session")
def complexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1T8K, and beside it a second chain: its first residues, 6 Å away, and one unresolved."""
    text = example("1T8K")
    first = [line for line in text.splitlines() if line.startswith("ATOM")]

    def move(line: str, _: int) -> str:
        line = put(line, 22, "B")
        return put(line, 31, f"{float(line[30:38]) + 6:8.3f}")

    second = [line for line in change("\n".join(first), move).splitlines() if line.strip()]
    second = [line for line in second if int(line[22:26]) <= 40]
    folder = tmp_path_factory.mktemp("complexes")
    (folder / "twins.pdb").write_text("\n".join([*first, "TER", *second, "TER", "END", ""]))
    (folder / "single.pdb").write_text(text)
    return folder
