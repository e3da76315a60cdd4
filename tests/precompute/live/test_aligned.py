"""Alignments that visitors give: what is kept of them, their structures, and bad ones."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from precompute.alignment import Alignment
from precompute.datasets.thinning import Thinning, has_hhfilter
from precompute.errors import AtlasError
from precompute.examples import load_example
from precompute.examples.aligned import ALIGNED
from precompute.live.getting import inputs
from precompute.live.getting.aligned import lay_on_structure, read_aligned
from precompute.live.getting.family import Family, thin
from precompute.live.getting.inputs import open_source, public_source
from precompute.live.getting.protein import Protein
from precompute.live.getting.reading import Readers
from precompute.live.getting.structures import read_structure
from precompute.live.settings import CELLS_VARIABLE, RESIDUES_VARIABLE
from tests.hhfilter import write_hhfilter
from tests.msa_checkpoints import random_alignment


def fasta(rows: list[str]) -> str:
    return "".join(f">row{number}\n{row}\n" for number, row in enumerate(rows))


def family_of(protein: Protein) -> Family:
    assert protein.family is not None
    return protein.family


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    readers = Readers(1)
    yield readers
    readers.end()


@pytest.mark.parametrize("rule", ["diverse", "first", "random"])
@pytest.mark.parametrize("depth", [1, 2, 17, 60, 64])
def test_rows_of_any_depth_are_those_of_a_run(
    rule: str, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all rows are kept: those of every choice are."""
    whole = Alignment.of(random_alignment(300, 40), [f"r{n}" for n in range(300)])
    monkeypatch.setenv(CELLS_VARIABLE, str(64 * 40))
    family = Family.of(whole)
    assert family.most == 64
    assert family.total == 300
    assert 64 < len(family.alignment) < 180
    expected = Thinning(depth, rule).apply(whole)
    assert thin(family, rule, depth).texts() == expected.texts()
    assert thin(family, rule, depth).names == expected.names


@pytest.mark.parametrize("stand_in", [True, False], ids=["a stand-in", "HH-suite's"])
def test_hhfilter_keeps_the_rows_of_a_run(
    stand_in: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stand_in:
        write_hhfilter(tmp_path, monkeypatch)
    elif not has_hhfilter():
        pytest.skip("hhfilter of HH-suite is not on this machine")
    whole = Alignment.of(random_alignment(300, 40), [f"r{n}" for n in range(300)])
    monkeypatch.setenv(CELLS_VARIABLE, str(64 * 40))
    family = Family.of(whole)
    assert (list(family.filtered), family.unfiltered) == ([1, 2, 4, 8, 16, 32, 64], "")
    for depth in family.filtered:
        expected = Thinning(depth, "hhfilter").apply(whole)
        assert thin(family, "hhfilter", depth).names == expected.names
        assert thin(family, "hhfilter", depth).texts() == expected.texts()
        assert thin(family, "first", depth).names == whole.names[:depth]
    assert list(Family.of(whole.take(range(8))).filtered) == [1, 2, 4]


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (None, "hhfilter of HH-suite is not on this server."),
        ("exit 1", "hhfilter failed on this alignment, or took too long."),
        ("exec sleep 60", "hhfilter failed on this alignment, or took too long."),
    ],
)
def test_without_hhfilter_it_is_said_why(
    program: str | None, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("precompute.live.getting.family.FILTER_SECONDS", 0.5)
    if program:
        (tmp_path / "hhfilter").write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin; {program}\n")
        (tmp_path / "hhfilter").chmod(0o755)
    family = Family.of(Alignment.of(random_alignment(40, 30)))
    assert (family.filtered, family.unfiltered) == ({}, sentence)


def test_a_file_is_read_apart_as_it_is_here(readers: Readers) -> None:
    content = gzip.compress(fasta(["ACDEFGHIKL", "AC-EFGHIKV"]).encode())
    structure = (load_example("1MVO").structure_text.encode(), "1mvo.pdb")
    found = readers.read("mine", read_aligned, content, "mine.fasta.gz")
    assert (found.identifier, found.source, found.private) == ("mine", "aligned", True)
    assert (found.sequence, found.numbers[9]) == ("ACDEFGHIKL", "10")
    assert family_of(found).alignment.names == ("row0", "row1")
    with pytest.raises(AtlasError, match=r"1mvo\.pdb is of another protein than the alignment"):
        readers.read("mine", read_aligned, content, "mine.fasta.gz", structure)


def test_a_querys_structure_is_laid_on_it() -> None:
    example = open_source("example:1MVO")
    # A mutant, without its first residues, and with two that no structure has in between.
    query = f"{example.sequence[4:30]}W{example.sequence[31:60]}GG{example.sequence[60:]}"
    structure = (load_example("1MVO").structure_text.encode(), "1mvo.pdb")
    found = read_aligned(fasta([query, query.replace("G", "-")]), "", structure)
    assert found.chain is not None
    assert found.view is not None
    assert (found.sequence, found.chain_name) == (query, "A")
    assert found.numbers[:56] == example.numbers[4:60]
    assert found.numbers[58:] == example.numbers[60:]
    assert [number for number in found.numbers if not number] == ["", ""]
    assert found.residue_keys[58:] == example.residue_keys[60:]
    states, own = found.chain.contact_states(), example.chain
    assert states is not None
    assert own is not None
    whole = own.contact_states()
    assert whole is not None
    np.testing.assert_array_equal(states[58:, 58:], whole[60:, 60:])
    assert any("1 of them another amino acid" in note for note in found.notes)


def test_examples_have_their_structures(monkeypatch: pytest.MonkeyPatch) -> None:
    protein = open_source("alignment:PF00076")
    assert protein is open_source("alignment:PF00076")
    assert protein.parameters["protein"] == "alignment:PF00076"
    assert family_of(protein).alignment.names[0] == "RNA15_YEAST/20-90"
    assert (len(family_of(protein).alignment), family_of(protein).total) == (68, 68)
    assert protein.view is not None
    structure = open_source("example:2X1B")
    shared = [number for number in protein.numbers if number]
    assert set(shared) <= set(structure.numbers)
    assert len(shared) == len(protein) == 70
    for one in ALIGNED:
        assert public_source(f"alignment:{one}")
    assert not public_source("alignment:../1A3A")
    assert not public_source("alignment:")


def test_an_examples_structure_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_RCSB_URL", "")
    monkeypatch.setattr(inputs, "_bare", {})
    monkeypatch.setattr(inputs, "_failures", {})
    protein = open_source("alignment:1A3A")
    assert protein.view is None
    assert "shown without a structure" in protein.notes[-1]
    assert open_source("alignment:1A3A") is protein, "nobody is asked at each click"
    assert (len(protein), family_of(protein).total) == (145, 1024)
    assert family_of(protein).most == 65_536 // 145


def test_what_is_kept_is_little() -> None:
    """30,000 rows: at most three choices of 1,024 are kept, and a sentence says what is read."""
    protein = read_aligned(fasta(random_alignment(30_000, 30)), "")
    family = family_of(protein)
    assert family.total == 30_000
    assert family.most == 1024
    assert len(family.alignment) <= 3 * 1024
    (note,) = [note for note in protein.notes if "30,000 rows" in note]
    assert "at most 1,024" in note
    assert "query of 30,000 sequences" in protein.title


QUERY = "ACDEFGHIKLMNPQRSTVWY"


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        (fasta([QUERY, QUERY[:-1]]), "", "rows have 19 to 20 columns"),
        (fasta([QUERY, QUERY[:-2] + "vw"]), "", "has lower-case letters in the row row1"),
        (fasta([QUERY.lower(), QUERY]), "x.fasta", "has lower-case letters in the row row0"),
        (fasta([QUERY * 75, QUERY * 75]), "", "has 1,500 columns, and at most 1,023"),
        (fasta(["ACGTACGTACGTACGT"] * 3), "", "nucleotides"),
        (fasta(["ACGUACGUACGUACGU"] * 3), "", "nucleotides"),
        ("", "", "no alignment"),
        ("\n \n", "x.sto", "no alignment"),
        (">\n", "", "no residue"),
        (fasta(["-" * 20, QUERY]), "", "has no residue"),
        (fasta(["A" + "-" * 19, QUERY]), "", "its query has 1 residue, and 2 to"),
        (f"# STOCKHOLM 1.0\na {QUERY}\n//\n# STOCKHOLM 1.0\nb {QUERY}\n//\n", "", "2 alignments"),
        ("<script>alert(1)</script>", "", "no alignment that is read here"),
        ("HEADER    X\nATOM      1  N   ALA A   1\n", "x.pdb", "no alignment that is read here"),
        (fasta([QUERY + "*1", QUERY + "--"]), "", "neither a residue nor a gap"),
    ],
)
def test_bad_alignments_are_one_sentence(text: str, name: str, sentence: str) -> None:
    with pytest.raises(AtlasError) as refused:
        read_aligned(text, name)
    said = str(refused.value)
    assert sentence in said
    assert said.startswith(name or "The alignment")
    assert "\n" not in said


def test_an_empty_and_a_binary_file_are_one_sentence() -> None:
    for content, sentence in (
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (gzip.compress(b""), "is empty"),
        (b"\0\1\2>a\nACD\0", "is no text"),
        (b"PK\x03\x04zip", "a zip archive"),
    ):
        with pytest.raises(AtlasError, match=sentence):
            read_aligned(content, "mine.a3m")


def test_what_is_read_and_said() -> None:
    a3m = f">q\n{QUERY}\n>r\n{QUERY[:5]}abc{QUERY[5:]}\n"
    for given, name in ((a3m.encode(), "x.a3m"), (a3m, "")):
        assert family_of(read_aligned(given, name)).alignment.texts() == [QUERY, QUERY]
    gapped = read_aligned(fasta([f"{QUERY[:4]}--{QUERY[4:]}", "A" * 22]), "")
    assert gapped.sequence == QUERY
    assert "gap in 2 of 22 columns" in gapped.notes[0]
    alone = read_aligned(fasta([QUERY]), "")
    assert family_of(alone).most == family_of(alone).total == 1
    signs = read_aligned(fasta([QUERY, "J" * 20, "A" * 20]), "")
    assert "1 row was left out" in signs.notes[0]
    assert family_of(signs).total == 2


def test_another_order_is_told_by_its_digests() -> None:
    rows = random_alignment(6, 20)
    one, other = (
        family_of(read_aligned(fasta(r), "")) for r in (rows, [rows[1], *rows[:1], *rows[2:]])
    )
    assert one.content == other.content
    assert one.order != other.order
    less = family_of(read_aligned(fasta(rows[:5]), ""))
    assert less.content != one.content


def test_the_longest_query_is_the_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESIDUES_VARIABLE, "19")
    with pytest.raises(AtlasError, match="its query has 20 residues, and 2 to 19"):
        read_aligned(fasta([QUERY]), "")


def test_of_several_chains_the_querys_own_is_taken() -> None:
    structure = read_structure(load_example("1MHW").structure_text.encode(), "1mhw.pdb")
    chains = structure.model.chains
    for name, place in structure.usable.items():
        if len(chains[place].sequence) < 30:
            continue
        query = chains[place].sequence
        protein = read_aligned(fasta([query, query]), "")
        laid = lay_on_structure(protein, structure)
        found = structure.usable[str(laid.chain_name)]
        assert chains[found].sequence == query, name
