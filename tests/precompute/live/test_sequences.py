"""Pasted and uploaded sequences: what is cleaned, what is refused, and in which words."""

from __future__ import annotations

import gzip
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.chain import RESIDUE_LETTERS
from precompute.errors import AtlasError
from precompute.live.getting.sequences import MOST_LETTERS, MOST_RECORDS, read_records

UBIQUITIN = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG"


def only(text: str | bytes) -> str:
    records = read_records(text).records
    assert len(records) == 1
    return records[0].protein().sequence


@pytest.mark.parametrize(
    "text",
    [
        UBIQUITIN,
        f">P0CG48 ubiquitin\n{UBIQUITIN[:60]}\n{UBIQUITIN[60:]}\n",
        f"\r\n>x\r\n{UBIQUITIN[:40]}\r\n{UBIQUITIN[40:]}*\r\n",
        "\n".join(f"{i + 1:>9} {UBIQUITIN[i : i + 10]}" for i in range(0, 76, 10)),
        UBIQUITIN.lower(),
        " ".join(UBIQUITIN),
        f"\ufeff{UBIQUITIN}",
        UBIQUITIN.encode("utf-16"),
        f"\ufeff>x\n{UBIQUITIN}".encode(),
    ],
    ids=["plain", "fasta", "windows", "numbered", "small", "spaced", "mark", "utf-16", "utf-8"],
)
def test_ways_to_write_one_sequence(text: str | bytes) -> None:
    assert only(text) == UBIQUITIN


CLUSTAL = (
    f"CLUSTAL W multiple\n\nquery  {UBIQUITIN[:60]}--\nhit    {UBIQUITIN[:60]}AA\n       ****\n"
)


@pytest.mark.parametrize(
    ("text", "names", "note"),
    [
        (CLUSTAL, ["query", "hit"], "This is a Clustal alignment"),
        (f">query\n{UBIQUITIN}--\n>hit\n{UBIQUITIN}AA", ["query", "hit"], "an alignment in FASTA"),
        (f">P1;ACP\nACYL CARRIER PROTEIN\n{UBIQUITIN}*\n", ["ACP"], ""),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_formats_with_names_and_gaps(text: str, names: list[str], note: str, packed: bool) -> None:
    found = read_records(gzip.compress(text.encode()) if packed else text)
    assert [record.name for record in found.records] == names
    assert UBIQUITIN.startswith(found.records[0].protein().sequence)
    assert note in "".join(found.notes)
    assert bool(note) == ("the gaps of its rows were taken out" in "".join(found.notes))


def test_bytes_in_a_header_that_are_no_utf8() -> None:
    record = read_records(">x Häm\nMKVLL\n".encode("latin-1")).records[0]
    assert (record.title, record.text) == ("Häm", "MKVLL")


def test_a_title_among_letters_is_refused_and_leaves_the_others() -> None:
    with pytest.raises(AtlasError, match="cannot be told from residues"):
        read_records(f"UBIQUITIN\n{UBIQUITIN}")
    records = read_records(f">bad\nACYL CARRIER\n{UBIQUITIN}\n>good\n{UBIQUITIN}").records
    assert records[1].protein().sequence == UBIQUITIN
    with pytest.raises(AtlasError, match="The sequence of bad is written in words"):
        records[0].protein()


def test_small_letters_and_a_stop_are_said() -> None:
    protein = read_records("mkvll*").records[0].protein()
    assert protein.sequence == "MKVLL"
    assert len(protein.notes) == 2
    assert protein.private
    assert protein.parameters == {}
    assert protein.numbers == ("1", "2", "3", "4", "5")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no sequence yet"),
        (" \n\t ", "no sequence yet"),
        (">empty\n", "The sequence of empty is empty"),
        ("ACGTTGCAACGTACGT", "DNA or RNA"),
        ("augcuagcuagcuagcugac", "DNA or RNA"),
        ("MKV--LL", "'-' at position 4: it looks like a row of an alignment"),
        ("MKV..LL", "alignment"),
        ("MK3VLL", "'3' at position 3: take the numbers out"),
        ("MK*VLL", "stop in the middle"),
        ("MKJVLL", "write L or I"),
        ("M", "one residue"),
        ("MKVß", "'ß' at position 4"),
        ("<script>alert(1)</script>", "no sequence; paste letters or FASTA"),
        (b"MKV\0\1\2", "no text"),
        ("M" * 1025, "1,025 residues and this dashboard takes 1,024"),
    ],
)
def test_what_is_no_sequence_is_one_sentence(text: str | bytes, said: str) -> None:
    with pytest.raises(AtlasError) as caught:
        only(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_short_peptides_of_four_letters_are_no_dna() -> None:
    assert only("GAGAGAGAGAGAGAGAGAGA") == "GAGAGAGAGAGAGAGAGAGA"
    assert only("ACTG") == "ACTG"


def test_the_longest_chain_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_MAX_RESIDUES", "2000")
    assert len(only("M" * 1025)) == 1025
    monkeypatch.setenv("ATLAS_MAX_RESIDUES", " ")
    with pytest.raises(AtlasError, match="takes 1,024"):
        only("M" * 1025)


def test_of_many_records_the_first_can_be_chosen() -> None:
    found = read_records("".join(f">r{i}\nMKV\n" for i in range(500)))
    assert len(found.records) == MOST_RECORDS
    assert found.notes == (f"The text has 500 records; the first {MOST_RECORDS} can be chosen.",)


def test_a_file_of_a_million_records() -> None:
    found = read_records(b">\n" * 1_000_000)
    assert len(found.records) == MOST_RECORDS
    assert "1,000,000 records" in found.notes[0]
    with pytest.raises(AtlasError, match="more than 2,000,000 letters"):
        read_records(b">a\nMKV\n" * 1_000_000)


def test_a_bad_record_leaves_the_others() -> None:
    records = read_records(">good\nMKVLL\n>bad\nM-K\n").records
    assert records[0].protein().sequence == "MKVLL"
    with pytest.raises(AtlasError, match="of bad has"):
        records[1].protein()


def test_markup_in_a_header_stays_text() -> None:
    record = read_records(">x\u202e <script>alert('x')</script>\tname\nMKV\n").records[0]
    assert record.name == "x"
    assert record.title == "<script>alert('x')</script> name"
    assert record.label == "x (3 residues)"


def test_a_text_that_is_too_large() -> None:
    with pytest.raises(AtlasError, match="more than 2,000,000 letters"):
        read_records("M" * (MOST_LETTERS + 1))
    with pytest.raises(AtlasError, match="more than 2,000,000 letters"):
        read_records(b"M" * (MOST_LETTERS + 1))


RESIDUES = st.text(st.sampled_from(sorted(RESIDUE_LETTERS)), min_size=2, max_size=300)


@given(
    st.lists(st.tuples(st.text(string.printable, max_size=30), RESIDUES), min_size=1, max_size=6),
    st.integers(1, 80),
)
def test_fasta_comes_back_as_it_was_written(pairs: list[tuple[str, str]], width: int) -> None:
    lines = []
    for header, sequence in pairs:
        lines.append(">" + "".join(c if c.isprintable() else " " for c in header))
        lines += [sequence[i : i + width] for i in range(0, len(sequence), width)]
    found = read_records("\n".join(lines))
    assert [record.text for record in found.records] == [sequence for _, sequence in pairs]


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_any_text_is_sequences_or_one_sentence(text: str | bytes) -> None:
    said = "nothing"
    try:
        for record in read_records(text).records:
            protein = record.protein()
            assert RESIDUE_LETTERS.issuperset(protein.sequence)
            assert len(protein) >= 2
    except AtlasError as error:
        said = str(error)
    assert said
    assert "\n" not in said
