"""Chains that files do not name, name alike, or put behind an END: parted, and none cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.precompute.strange import (
    change,
    columns,
    example,
    lines_of,
    put,
    read,
    same,
    text_of,
    with_ligand,
)

MONOMER, DIMER = "1T8K", "2D1L"


def continuous(text: str) -> str:
    """Number residues through, as programs for simulation do."""
    seen: dict[str, int] = {}

    def edit(line: str, _: int) -> str:
        return put(line, 23, f"{seen.setdefault(line[21:27], len(seen) + 1):4d} ")

    return change(text, edit)


unnamed = columns(lambda line: put(line, 22, " "))
all_a = columns(lambda line: put(line, 22, "A"))
in_segments = columns(lambda line: put(put(line, 73, f"PRO{line[21]}"), 22, " "))


def without_ends(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line[:3] != "TER")


CHAINS: dict[str, Callable[[str], str]] = {
    "no names, TER, numbered through": lambda text: unnamed(continuous(text)),
    "no names, TER": unnamed,
    "no names, no TER, numbers begin anew": lambda text: without_ends(unnamed(text)),
    "segments": lambda text: without_ends(in_segments(text)),
    "segments in one named chain": lambda text: all_a(
        without_ends(columns(lambda line: put(line, 73, f"PRO{line[21]}"))(continuous(text)))
    ),
    "one name twice, TER": all_a,
    "one name twice, no TER": lambda text: without_ends(all_a(text)),
    "one name twice, numbered through": lambda text: all_a(continuous(text)),
    "no names, all HETATM": lambda text: unnamed(text).replace("ATOM  ", "HETATM"),
    "two letters": columns(lambda line: put(line, 21, "Q")),
}


@pytest.mark.parametrize("kind", CHAINS)
def test_chains_are_parted(tmp_path: Path, kind: str) -> None:
    same(tmp_path, CHAINS[kind](example(DIMER)), example(DIMER))


@pytest.mark.parametrize(
    "name", ["AA", "BA", "DA", "EA", "HA", "NA", "PA", "1A", "2A", "1B", "ZA", "CA", "XA", "aA"]
)
@pytest.mark.parametrize("source", [MONOMER, DIMER, "1JYR", "2EVB"])
def test_chains_of_two_letters_keep_residues_that_make_other_names(
    tmp_path: Path, source: str, name: str
) -> None:
    # HIS before chain AA could be GROMOS' HISA in chain A, LYS before NA its LYSN.
    text = with_ligand(example(source), chain="A")
    given = columns(lambda line: put(line, 21, name) if line[21] == "A" else line)(text)
    same(tmp_path, given, text)
    of_file = read(tmp_path / "names", given)
    assert name in {of_file[i].identifier.removeprefix("x.") for i in range(len(of_file))}


def test_the_sequence_of_a_chain_of_two_letters_is_its_own(tmp_path: Path) -> None:
    lines = lines_of(example(MONOMER), "A")
    names = list(dict.fromkeys((line[22:27], line[17:20]) for line in lines))
    resolved = [line for line in lines if line[22:26] not in ("  20", "  21")]

    def write(name: str) -> str:
        header = [
            f"SEQRES {place:3d}{name} {len(names):4d}  {component}"
            for place, (_, component) in enumerate(names, 1)
        ]
        return text_of(header, [put(line, 21, name) for line in resolved])

    same(tmp_path, write("PA"), write(" A"))
    assert len(read(tmp_path / "whole", write("PA"))[0].sequence) == len(names)


def behind(lines: list[str], first: int) -> list[str]:
    """Number residues on from a number, gaps kept."""
    lowest = int(lines[0][22:26])
    return [put(line, 23, f"{int(line[22:26]) - lowest + first:4d}") for line in lines]


WATER = "HETATM 9999  O   HOH A9000      99.000  99.000  99.000  1.00  0.00           O  "


@pytest.mark.parametrize("name", ["A", " "])
@pytest.mark.parametrize("order", ["AB", "BA"])
@pytest.mark.parametrize("end", ["TER", "water", "water, TER", "none"])
def test_chains_of_one_name_whose_numbers_do_not_overlap(
    tmp_path: Path, name: str, order: str, end: str
) -> None:
    # Numbers go back, or jump by more than a loop is long.
    text = example(DIMER)
    one, two = (behind(lines_of(text, chain), 1) for chain in order)
    parts = [two, behind(one, 400)] if end == "TER" else [behind(one, 301), two]
    between = {"TER": ["TER"], "water": [WATER], "water, TER": [WATER, "TER"], "none": []}[end]
    if end in ("none", "water") and name == "A":
        return  # Nothing there tells chains from a protein whose linker was not resolved.
    merged = columns(lambda line: put(line, 22, name))(text_of(parts[0], between, parts[1]))
    parted = [
        [put(line, 22, chain) for line in part] for part, chain in zip(parts, "XY", strict=True)
    ]
    same(tmp_path, merged, text_of(*parted))


def test_a_number_that_comes_again_behind_a_gap_parts_before_it(tmp_path: Path) -> None:
    # The second begins before the first one's numbers, and has a gap before it reaches them.
    text = example(DIMER)
    one, two = behind(lines_of(text, "A"), 100), behind(lines_of(text, "B"), 1)
    two = [line for line in two if not 40 <= int(line[22:26]) <= 60]
    both = text_of(one, [put(line, 22, "A") for line in two])
    same(tmp_path, both, text_of(one, [put(line, 22, "B") for line in two]))


def test_a_trace_without_names_is_not_cut_at_every_residue(tmp_path: Path) -> None:
    trace = "\n".join(line for line in example(DIMER).splitlines() if line[12:16] == " CA ")
    same(tmp_path, unnamed(trace), trace)
    same(tmp_path / "one name", all_a(trace), trace)


def test_residues_without_a_place_do_not_part_their_chain(tmp_path: Path) -> None:
    text = without_ends(example(MONOMER))
    lost = columns(
        lambda line: put(line, 31, "   0.000" * 3) if 20 <= int(line[22:26]) < 30 else line
    )(text)
    same(tmp_path, unnamed(lost), lost)


def test_a_segment_that_changes_within_a_chain_does_not_part_it_later(tmp_path: Path) -> None:
    # A first residue that a program calls HETATM may be of a segment of its own.
    text = example(DIMER)
    first = text[21:27]
    given = columns(
        lambda line: put(line, 73, "HETA" if line[21:27] == first else "PRO" + line[21])
    )
    same(tmp_path, unnamed(without_ends(given(text))), text)


def test_parted_chains_have_names_of_their_own_and_it_is_said(tmp_path: Path) -> None:
    chains = read(tmp_path, CHAINS["no names, TER"](example(DIMER)))
    assert [chains[i].identifier for i in range(2)] == ["x.A", "x.B"]
    assert chains.remarks == {"files with chains that are parted and named here": "x.pdb"}
    chains = read(tmp_path, CHAINS["one name twice, TER"](example(DIMER)))
    assert [chains[i].identifier for i in range(2)] == ["x.A", "x.A-2"]


def test_a_loop_between_ends_stays_in_its_chain(tmp_path: Path) -> None:
    # Programs that prepare a simulation mark a loop that was not resolved as an end, too.
    text = example(DIMER)
    own = lines_of(text, "B")
    gap = next(i for i in range(1, len(own)) if int(own[i][22:26]) - int(own[i - 1][22:26]) > 1)
    same(tmp_path, text_of(lines_of(text, "A"), "TER", own[:gap], "TER", own[gap:], "TER"), text)


def moved(lines: list[str], by: float) -> list[str]:
    return [put(line, 31, f"{float(line[30:38]) + by:8.3f}") for line in lines]


def test_an_end_does_not_hide_the_partner(tmp_path: Path) -> None:
    text = example(DIMER)
    one, two = lines_of(text, "A"), lines_of(text, "B")
    for number, given in enumerate(
        (
            text_of(one, "END", two, "END"),
            text_of(one, "TER", "END", "HEADER    lig", two, "TER", "END"),
            text_of(one, "ENDMDL", two, "ENDMDL"),
            text_of("END", one, "END", "END", two),
            text_of(one, "END", [put(line, 22, "A") for line in two], "END"),
            text_of(
                [put(line, 22, " ") for line in one], "END", unnamed(text_of(two)).splitlines()
            ),
        )
    ):
        same(tmp_path / str(number), given, text)


def test_frames_and_models_are_read_once_and_it_is_said(tmp_path: Path) -> None:
    text = example(DIMER)
    atoms = [*lines_of(text, "A"), *lines_of(text, "B")]
    later = moved(atoms, 1.0)
    for number, given in enumerate(
        (
            text_of("MODEL        1", atoms, "ENDMDL", "MODEL        2", later, "ENDMDL", "END"),
            text_of("MODEL        1", atoms, "END", "MODEL        2", later, "END"),
            text_of(atoms, "END", later, "END"),
            text_of(atoms, "ENDMDL", later, "ENDMDL"),
        )
    ):
        same(tmp_path / str(number), given, text)
        chains = read(tmp_path / f"said {number}", given)
        assert chains.skipped == {"models after the first of their file": 1}


def test_copies_of_one_protein_beside_each_other_are_partners(tmp_path: Path) -> None:
    own = lines_of(example(MONOMER), "A")
    beside = moved(own, 90.0)
    same(
        tmp_path,
        text_of(own, "END", beside, "END"),
        text_of(own, "TER", [put(line, 22, "B") for line in beside], "TER", "END"),
    )


def test_a_receptor_and_poses_of_its_ligand_as_models(tmp_path: Path) -> None:
    text = with_ligand(example(MONOMER))
    receptor, ligand = lines_of(text, "A"), lines_of(text, "X")
    poses = [["MODEL        1", moved(ligand, by), "ENDMDL"] for by in (0.0, 20.0)]
    same(tmp_path, text_of(receptor, *(part for pose in poses for part in pose)), text)


def test_a_header_speaks_of_what_comes_after_the_first_end(tmp_path: Path) -> None:
    text = example(DIMER)
    header = [
        f"SEQRES   1 {chain}  {len(names):3d}  {' '.join(names)}"
        for chain in "AB"
        for names in [["GLY", *(x[17:20] for x in lines_of(text, chain) if x[12:16] == " CA ")]]
    ]
    parted = text_of(header, lines_of(text, "A"), "TER", lines_of(text, "B"), "TER")
    same(tmp_path, text_of(header, lines_of(text, "A"), "END", lines_of(text, "B")), parted)


@pytest.mark.parametrize("name", ["2D1L", "1JYR"])
def test_modified_residues_listed_behind_their_chain_come_home(tmp_path: Path, name: str) -> None:
    text = example(name)
    atoms = [line for line in text.splitlines() if line[:6] in ("ATOM  ", "HETATM")]
    modified = [line for line in atoms if line[17:20] in ("MSE", "PTR")]
    assert modified
    others = [line for line in atoms if line not in modified]
    assert sum(line[:6] == "HETATM" for line in modified) == len(modified)
    same(tmp_path, text_of(others, "TER", modified, "END"), text)
