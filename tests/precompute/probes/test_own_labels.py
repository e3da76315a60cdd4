"""A user's own labels: classes laid on residues, or refused in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.drawn import Sample
from precompute.errors import AtlasError
from precompute.probes.gather import label_own
from precompute.probes.own_labels import lay_labels, read_labels

HEAD = "chain,residue,class\n"


def _file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with no header that has chain"),
        ("chain,residue\nA,1\n", "own.csv, line 2, has no class"),
        (HEAD, "names no residue"),
        (HEAD + "A,1,x\nA,2,x\n", r"has 1 class \(x\)"),
        (HEAD + "A,1,x\nA,2\n", "line 3, has no class"),
        (HEAD + "A,1,x\n,2,y\n", "line 3: .* names no chain with a residue"),
        (HEAD + "".join(f"A,{n},{n / 7}\n" for n in range(60)), r"has 60 classes .* 2 to 50"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x03\x3e", "is no text"),
        (HEAD + 'A,1,"' + "x" * 200_000, "is no readable CSV"),
    ],
)
def test_bad_files_are_one_sentence(text: str | bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(AtlasError) as refusal:
        read_labels(_file(tmp_path, text))
    said = str(refusal.value)
    assert re.search(reason, said), said
    assert len(said) < 500
    assert "\n" not in said


def test_classes_are_laid_on_residues_and_what_is_not_named_is_unknown(tmp_path: Path) -> None:
    rows = ("class,note,residue,chain", " x ,a, 27A,1abc.A", "y,b,-3,1abc.A", "x,c,27A,1abc.A")
    text = "\ufeff" + "".join(f"{row}\r\n" for row in rows)
    own = read_labels(_file(tmp_path, text))
    assert own.task.classes == ("x", "y")
    chains = [Chain("2abc.B", "AC"), Chain("1abc.A", "ACD", numbers=("-3", "", "27A"))]
    laid = lay_labels(own, chains, "Structures")
    assert {place: labels.tolist() for place, labels in laid.items()} == {1: [1, -1, 0]}


def test_unknown_chains_residues_and_two_classes_are_named_with_their_line(tmp_path: Path) -> None:
    chains = [Chain("A", "ACD"), Chain("B", "ACD")]
    for rows, reason in (
        ("A,1,x\nA,9,y\n", r"own.csv, line 3: A has no residue 9; .* it has 1 to 3"),
        ("A,1,x\nC,1,y\n", r"own.csv, line 3: Mine has no chain or entry C; it has A, B"),
        ("A,1-3,x\nA,2,y\n", r"own.csv, line 3: a residue of A has the class y here and another"),
    ):
        own = read_labels(_file(tmp_path, HEAD + rows))
        with pytest.raises(AtlasError, match=reason):
            lay_labels(own, chains, "Mine")


def test_a_structures_residues_have_its_authors_numbers(structures: Path) -> None:
    """1MHW, a cathepsin, one residue of which is modified and stands as HETATM."""
    with DATASETS["structures"].open(structures / "1mhw.pdb") as chains:
        chain = chains[0]
    lines = (structures / "1mhw.pdb").read_text().splitlines()
    numbers = dict.fromkeys(
        line[22:27].replace(" ", "") for line in lines if line[:4] == "ATOM" and line[21] == "A"
    )
    assert chain.numbers is not None
    assert [number for number in chain.numbers if number in numbers] == list(numbers)
    assert chain.dssp is not None
    assert chain.secondary_structure is not None
    four = np.array([0, 0, 0, 1, 1, 2, 2, 3, -1])
    np.testing.assert_array_equal(four[chain.dssp], chain.secondary_structure)


def _sample(chains: list[Chain]) -> Sample:
    return Sample(
        *(DATASETS["binding_sites"], "", len(chains), tuple(range(len(chains))), tuple(chains)),
        *(0, {}, {}, {}),
    )


@pytest.mark.parametrize(
    ("chains", "refused"),
    [
        ([("A", "ACD"), ("A", "ACDE")], True),
        ([("A", "ACD"), ("A", "AYD")], True),
        ([("B", "ACD"), ("A", "ACD"), ("B", "ACD"), ("A", "WCD")], True),
        ([("A", "ACD"), ("A", "ACD")], False),
        ([("A", "ACD"), ("C", "ACD"), ("C", "AYDE")], False),
    ],
)
def test_two_chains_of_one_name_are_refused_where_labels_name_it(
    chains: list[tuple[str, str]], refused: bool, tmp_path: Path
) -> None:
    own = read_labels(_file(tmp_path, HEAD + "A,1,x\nA,3,y\n"))
    sample = _sample([Chain(name, letters) for name, letters in chains])
    if not refused:
        found = label_own(sample, own)
        assert {name: labels.tolist() for name, labels in found.items()} == {"A": [0, -1, 1]}
        return
    with pytest.raises(AtlasError, match=r"own.csv names A, and two different chains of Binding"):
        label_own(sample, own)
