"""Where resolved residues stand in a stated sequence: repeats, linkers, tags, mutations."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import gemmi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.datasets.placing import place_by_pieces
from tests.precompute.strange import change, example, put, read

TEXT = example("1T8K")
LINKER = ["GLY", "GLY", "GLY", "GLY", "SER"]


def components() -> list[str]:
    letters = [line[17:20] for line in TEXT.splitlines() if line[12:16] == " CA "]
    assert all(gemmi.find_tabulated_residue(name).is_standard() for name in letters)
    return letters


def seqres(names: Sequence[str]) -> str:
    rows = [names[i : i + 13] for i in range(0, len(names), 13)]
    return "".join(
        f"SEQRES {number:3d} A {len(names):4d}  {' '.join(row)}\n"
        for number, row in enumerate(rows, 1)
    )


def remark_465(residues: Sequence[tuple[str, int]]) -> str:
    return "".join(f"REMARK 465     {name} A {number:5d}\n" for name, number in residues)


def apart(after: int, gap: int, first: int = 1) -> str:
    """Break the chain after a residue, move what follows and number it on."""
    seen: dict[str, int] = {}

    def edit(line: str, _: int) -> str:
        number = seen.setdefault(line[21:27], len(seen) + 1)
        far = number > after
        line = put(line, 31, f"{float(line[30:38]) + 4 * far:8.3f}")
        return put(line, 23, f"{number + gap * far + first - 1:4d} ")

    return change(TEXT, edit)


def with_piece(text: str, names: Sequence[str], first: int, before: int) -> str:
    """Put a stretch of backbone before a residue number, away from all else."""
    offsets = {" N  ": (0.0, 0.0), " CA ": (1.4, 0.0), " C  ": (2.8, 0.0), " O  ": (2.8, 1.2)}
    piece = [
        f"ATOM   9000 {atom} {name} A{first + i:4d}    {60 + 3.8 * i + x:8.3f}{y:8.3f}{5.0:8.3f}"
        for i, name in enumerate(names)
        for atom, (x, y) in offsets.items()
    ]
    lines = text.splitlines()
    place = next(
        i for i, line in enumerate(lines) if line[:4] == "ATOM" and int(line[22:26]) >= before
    )
    return "\n".join([*lines[:place], *piece, *lines[place:]])


def resolved(folder: Path, text: str) -> str:
    chain = read(folder, text)[0]
    assert chain.resolved is not None
    return "".join("x" if one else "." for one in chain.resolved)


WHOLE = [*components()[:40], *LINKER * 3, *components()[40:]]
MISSING = [(name, 41 + i) for i, name in enumerate(LINKER)]
MISSING_TOO = [(name, 51 + i) for i, name in enumerate(LINKER)]


@pytest.mark.parametrize("first", [1, 101])
@pytest.mark.parametrize("remarks", [True, False])
@pytest.mark.parametrize("copy", [0, 1, 2])
def test_numbers_say_which_copy_of_a_repeat_was_solved(
    tmp_path: Path, copy: int, remarks: bool, first: int
) -> None:
    start = 40 + 5 * copy
    text = with_piece(apart(40, 15, first), LINKER, start + first, 41 + first)
    absent = [
        (name, 40 + i + first)
        for i, name in enumerate(LINKER * 3)
        if not start <= 40 + i < start + 5
    ]
    header = seqres(WHOLE) + (remark_465(absent) if remarks else "")
    expected = (
        "x" * 40 + "".join("x" if i == copy else "." for i in range(3) for _ in LINKER) + "x" * 37
    )
    assert resolved(tmp_path, header + text) == expected


def test_a_linker_that_was_not_solved(tmp_path: Path) -> None:
    assert resolved(tmp_path, seqres(WHOLE) + apart(40, 15)) == "x" * 40 + "." * 15 + "x" * 37


@pytest.mark.parametrize(
    ("full", "renumber", "expected"),
    [
        (["MET", *["HIS"] * 6, *components()], 0, "." * 7 + "x" * 77),
        ([*components(), *components()], 77, "." * 77 + "x" * 77),
        ([*components(), *components()], 0, "x" * 77 + "." * 77),
        ([*components()[:10], "TRP", *components()[11:]], 0, "x" * 77),
    ],
    ids=["tag", "second domain of two", "first domain of two", "mutation"],
)
def test_a_chain_in_a_longer_sequence(
    tmp_path: Path, full: list[str], renumber: int, expected: str
) -> None:
    first = int(TEXT.splitlines()[0][22:26])
    text = change(
        TEXT, lambda line, _: put(line, 23, f"{int(line[22:26]) - first + 1 + renumber:4d}")
    )
    assert resolved(tmp_path, seqres(full) + text) == expected


@given(
    st.text("AG", min_size=4, max_size=40),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.integers(-5, 300),
)
def test_what_is_numbered_as_its_sequence_is_placed_there(
    letters: str, there: list[bool], first: int
) -> None:
    # Two letters alone: nearly everything fits in many places, and only numbers decide.
    places = [i for i in range(len(letters)) if there[i]]
    if not places:
        return
    broken = np.array([True, *(b - a > 1 for a, b in pairwise(places))])
    numbers = [str(first + i) for i in places]
    missing = [(letters[i], str(first + i)) for i in range(len(letters)) if not there[i]]
    found = place_by_pieces(letters, [letters[i] for i in places], numbers, missing, broken)
    assert found == places
