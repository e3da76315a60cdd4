"""A user's own labels: read, laid on residues, or refused in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.errors import AtlasError
from precompute.probes.own_labels import lay_labels, read_labels

HEAD = "chain,residue,class\n"


def _file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "lacks the column chain and residue and class"),
        ("chain;residue;class\nA;1;x\n", "lacks the column chain and residue and class"),
        ("chain,residue\nA,1\n", "lacks the column class"),
        (HEAD, "has 0 classes"),
        (HEAD + "A,1,x\nA,2,x\n", r"has 1 class \(x\)"),
        (HEAD + "A,1,x\nA,1,y\n", "two classes of residue 1 of A, x and y"),
        (HEAD + "A,1\n", "no class in line 2"),
        (HEAD + "A,1,x\nA,,y\n", "no chain or residue in line 3"),
        (HEAD + ",1,x\n", "no chain or residue in line 2"),
        (HEAD + "".join(f"A,{n},{n / 7}\n" for n in range(60)), r"has 60 classes .* 2 to 50"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        ("\x00chain,residue,class\n", "lacks the column chain"),
        (HEAD + 'A,1,"' + "x" * 200_000, "is no CSV file"),
    ],
)
def test_bad_files_are_one_sentence(text: str | bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(AtlasError) as refusal:
        read_labels(_file(tmp_path, text))
    said = str(refusal.value)
    assert re.search(reason, said), said
    assert len(said) < 500
    assert "\n" not in said


def test_a_folder_and_nothing_are_no_labels(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(AtlasError, match="cannot be read"):
            read_labels(path)


def test_columns_in_any_order_marks_and_spaces_are_read(tmp_path: Path) -> None:
    rows = ("class,note,residue,chain", " x ,a, 27A,1abc.A", "y,b,-3,1abc.A", "x,c,27A,1abc.A")
    text = "\ufeff" + "".join(f"{row}\r\n" for row in rows)
    own = read_labels(_file(tmp_path, text))
    assert own.task.classes == ("x", "y")
    assert own.residues == {"1abc.A": {"27A": 0, "-3": 1}}
    chain = Chain("1abc.A", "ACD", numbers=np.array(["-3", "", "27A"]))
    laid = lay_labels(own, [Chain("2abc.B", "AC"), chain], ["2abc.B", "1abc.A"])
    assert {place: labels.tolist() for place, labels in laid.items()} == {1: [1, -1, 0]}


def test_unknown_chains_and_residues_are_named(tmp_path: Path) -> None:
    own = read_labels(_file(tmp_path, HEAD + "A,1,x\nA,9,y\nA,8,y\nB,1,x\n"))
    chains = [Chain("A", "ACD"), Chain("B", "ACD")]
    with pytest.raises(AtlasError, match=r"the residues 9 of A, 8 of A, which .* counted from 1"):
        lay_labels(own, chains, ["A", "B"])
    with pytest.raises(AtlasError, match=r"the chain B, which the data do not hold; .* called A"):
        lay_labels(own, chains[:1], ["A"])
    many = read_labels(_file(tmp_path, HEAD + "".join(f"A,{n},{n % 2}\n" for n in range(20))))
    with pytest.raises(AtlasError, match=r"0 of A, 4 of A, 5 of A, 6 of A, 7 of A and 12 more"):
        lay_labels(many, chains, ["A", "B"])


def test_a_structures_residues_have_its_authors_numbers(structures: Path) -> None:
    """1MHW, a cathepsin, one residue of which is modified and stands as HETATM."""
    with DATASETS["structures"].open(structures / "1mhw.pdb") as chains:
        chain = chains[0]
    lines = (structures / "1mhw.pdb").read_text().splitlines()
    numbers = dict.fromkeys(
        line[22:27].replace(" ", "") for line in lines if line[:4] == "ATOM" and line[21] == "A"
    )
    assert chain.numbers is not None
    assert [number for number in chain.numbers.tolist() if number in numbers] == list(numbers)
    assert chain.dssp is not None
    assert chain.secondary_structure is not None
    four = np.array([0, 0, 0, 1, 1, 2, 2, 3, -1])
    np.testing.assert_array_equal(four[chain.dssp], chain.secondary_structure)
