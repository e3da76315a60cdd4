"""Which pairs are run: files of every kind, the drawing, and what is cut away."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.errors import AtlasError
from precompute.protein_pairs import chosen
from precompute.protein_pairs.chosen import draw_pairs, read_pairs
from precompute.protein_pairs.cutting import cut_pair

A, B, C = "PF00001:S1/1-26", "PF00001:S4/1-26", "PF00002:S2/1-22"


@pytest.mark.parametrize(
    "text",
    [
        f"{A} {B}\n{A} {C}\n",
        f"{A}\t{B}\r\n{A}\t{C}",
        f"# pairs\n\n  {A}, {B}\n\n{A},{C}\n",
        f"{A};{B}\n{A}; {C}\n",
        f'"{A}","{B}"\r\n"{A}" "{C}"\r\n',
        f"\ufeff{A}  {B}\n{A} {C}\n{A} {B}\n",
    ],
    ids=["blanks", "tabs", "commas", "semicolons", "quotes", "a mark of UTF-8, and a pair twice"],
)
def test_a_file_is_read_whatever_stands_between(text: str, families: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    path.write_text(text, newline="")
    with DATASETS["families"].open(families) as chains:
        names = chains.identifiers()
        found = [(names[pair.first], names[pair.second]) for pair in read_pairs(path, chains)]
    assert found == [(A, B), (A, C)]


def test_two_chains_of_a_structure_are_named_by_it(complexes: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    path.write_text("twins A B\ntwins.B twins.A\n")
    with DATASETS["structures"].open(complexes) as chains:
        names = chains.identifiers()
        found = [(names[pair.first], names[pair.second]) for pair in read_pairs(path, chains)]
    assert found == [("twins.A", "twins.B"), ("twins.B", "twins.A")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no pair"),
        ("# nothing\n\n", "names no pair"),
        (f"{A} {B}\n{C}\n", "Line 2 of .* has one chain"),
        (f"{A} {B} {C} {A}\n", "Line 1 of .* has 4 names"),
        (f"{A} {A}\n", "pairs PF00001:S1/1-26 with itself"),
        (f"{A} nobody\n{B} 1abc.A\n", "do not hold: nobody, 1abc.A; they are called like PF00001:"),
        (f"{A} B C\n", "Line 1 of .* has 3 names"),
        ("nobody B C\n", "do not hold: nobody.B, nobody.C"),
        ("".join(f"a{n} b{n}\n" for n in range(60_000)), "60,000 pairs, .* at most 50,000"),
        ("".join(f"a{n} b{n}\n" for n in range(9)), "a0, b0, a1, b1, a2 and 13 more"),
        ("a\x1b[2J \u202eb\n", r"do not hold: a\S*\[2J"),
    ],
)
def test_what_is_no_pair_is_a_sentence(
    text: str,
    said: str,
    families: Path,
    weights: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "pairs"
    path.write_text(text)
    with DATASETS["families"].open(families) as chains, pytest.raises(AtlasError, match=said):
        read_pairs(path, chains)
    arguments = ["run", "--quiet", "--model", "plus_tfm", "--weights", str(weights)]
    arguments += ["--dataset", "families", "--data", str(families), "--max-length", "60"]
    assert main([*arguments, "--pairs", str(path), "--out", str(tmp_path / "out")]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pairs", "no such file"], "cannot be read as a file of pairs"),
        (["--pairs", "."], "cannot be read as a file of pairs"),
        (["--pairs", "0"], "asks for no pair"),
        (["--pairs", "60000"], "at most 50,000"),
        (["--pairs", "5000"], "too few different pairs"),
        (["--pairs", "4", "--no-shuffle"], "drawn by a seed"),
        (["--pairs", "4", "--max-length", "4"], "three special tokens"),
        (["--pairs", "4", "--max-length", "68"], "reads at most 67 tokens"),
        (["--pairs", "4", "--depth", "3"], "--depth is of no use"),
        (["--pairs", "60000", "--dry-run"], "at most 50,000"),
        (["--pairs", "4", "--dataset", "families,structures"], "takes one --dataset"),
        (["--pairs", "4", "--model", "prot_xlnet"], "ProtXLNet does not read two proteins as one"),
        (["--pairs", "4", "--model", "esm_msa1b"], "does not read two proteins as one input"),
    ],
)
def test_what_cannot_be_run_is_a_sentence(
    options: list[str],
    said: str,
    families: Path,
    weights: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["run", "--quiet", "--weights", str(weights), "--data", str(families)]
    arguments += ["--model", "plus_tfm", "--dataset", "families", "--max-length", "60"]
    assert main([*arguments, *options, "--out", str(tmp_path / "out")]) == 1
    (sentence,) = capsys.readouterr().err.strip().splitlines()
    assert said in sentence


def test_drawing_is_by_turns_and_the_same_again(families: Path) -> None:
    with DATASETS["families"].open(families) as chains:
        drawn = draw_pairs(chains, 16, seed=3)
        assert draw_pairs(chains, 6, seed=3) == drawn[:6], "fewer are the beginning of more"
        assert draw_pairs(chains, 16, seed=4) != drawn
        groups = [(chains.group(a), chains.group(b)) for a, b in drawn]
        assert [one == other for one, other in groups] == [True, False] * 8
        assert len({frozenset(pair) for pair in drawn}) == 16
        for one, other in drawn:
            assert chains[one].sequence != chains[other].sequence
            assert min(len(chains[one]), len(chains[other])) >= chosen.SHORTEST


def test_drawing_from_structures(complexes: Path) -> None:
    with DATASETS["structures"].open(complexes) as chains:
        names = chains.identifiers()
        ((one, other),) = draw_pairs(chains, 1, seed=1)
        assert {names[one], names[other]} == {"twins.A", "twins.B"}


def test_without_groups_nothing_is_drawn(complexes: Path) -> None:
    with (
        DATASETS["structures"].open(complexes / "single.pdb") as chains,
        pytest.raises(AtlasError, match="drawn from families or structures alone"),
    ):
        draw_pairs(chains, 2, seed=1)


def test_a_pair_is_cut_as_plus_cuts_it() -> None:
    """Its code takes residue by residue from the end of the longer one, else of the second."""
    for first in range(25):
        for second in range(25):
            for most in range(50):
                expected = [first, second]
                while sum(expected) > most:
                    expected[0 if expected[0] > expected[1] else 1] -= 1
                assert list(cut_pair(first, second, most)) == expected
