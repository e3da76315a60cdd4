"""Formats of sequences: what Biopython writes is read, and no name is taken for residues."""

from __future__ import annotations

import io

import pytest
from Bio import AlignIO, SeqIO
from Bio.Align import MultipleSeqAlignment
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from hypothesis import given
from hypothesis import strategies as st

from precompute.datasets.sequence_text import read_entries, refuse_words
from precompute.errors import AtlasError

UBIQUITIN = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG"
ROWS = {
    "query": UBIQUITIN[:40] + "--" + UBIQUITIN[40:],
    "SEQUENCE": "--" + UBIQUITIN[:10] + "-" * 6 + UBIQUITIN[16:],
    "sp_P0CG48": UBIQUITIN[:70] + "GG" + UBIQUITIN[70:],
}
BARE = [row.replace("-", "") for row in ROWS.values()]


def records(rows: dict[str, str]) -> list[SeqRecord]:
    return [
        SeqRecord(Seq(row), id=name, name=name, annotations={"molecule_type": "protein"})
        for name, row in rows.items()
    ]


MSF = (
    "!!AA_MULTIPLE_ALIGNMENT 1.0\n\n x.msf  MSF: 4  Type: P  Check: 1 ..\n\n//\n\na STIE\nb ST.E\n"
)


def written(form: str) -> str:
    handle = io.StringIO()
    AlignIO.write([MultipleSeqAlignment(records(ROWS))], handle, form)
    return handle.getvalue()


@pytest.mark.parametrize("form", ["clustal", "stockholm", "fasta"])
def test_alignments_as_biopython_writes_them(form: str) -> None:
    if form == "fasta":
        text = "".join(f">{name} a title\n{row[:50]}\n{row[50:]}\n" for name, row in ROWS.items())
    else:
        text = written(form)
    found = read_entries(text, 100)
    assert found is not None
    assert found.aligned
    assert [entry.name for entry in found.entries] == list(ROWS)
    assert [entry.letters for entry in found.entries] == BARE


def test_msf_in_blocks_with_columns_counted() -> None:
    rows = {name: row.replace("-", ".") for name, row in ROWS.items()}
    length = len(rows["query"])
    text = "!!AA_MULTIPLE_ALIGNMENT 1.0\n\n"
    text += f"  x.msf  MSF: {length}  Type: P  Check: 1 ..\n\n"
    text += "".join(f" Name: {name}  Len: {length}  Check: 1  Weight: 1.00\n" for name in rows)
    text += "\n//\n\n"
    for start in range(0, length, 50):
        text += f"{'':12}{start + 1:<10}{min(start + 50, length):>50}\n"
        for name, row in rows.items():
            part = row[start : start + 50]
            groups = " ".join(part[i : i + 10] for i in range(0, len(part), 10))
            text += f"{name:<12}{groups}\n"
        text += "\n"
    found = read_entries(text, 100)
    assert found is not None
    assert [entry.letters for entry in found.entries] == BARE
    by_biopython = AlignIO.read(io.StringIO(text), "msf")
    assert [str(record.seq).replace("-", "") for record in by_biopython] == BARE


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize(
    "head",
    [
        "CLUSTAL W (1.82) multiple sequence alignment",
        "CLUSTAL O(1.2.4) multiple sequence alignment",
        "MUSCLE (3.8) multiple sequence alignment",
        "PROBCONS version 1.12 multiple sequence alignment",
        "CLUSTAL FORMAT for T-COFFEE Version_13 [MODE: ], CPU=0.01 sec, SCORE=95",
        "CLUSTAL",
    ],
)
def test_kin_of_clustal(head: str, counted: bool) -> None:
    text, done = f"{head}\n\n\n", dict.fromkeys(ROWS, 0)
    for start in range(0, len(ROWS["query"]), 60):
        for name, row in ROWS.items():
            part = row[start : start + 60]
            done[name] += len(part.replace("-", ""))
            text += f"{name:<16}{part}{f' {done[name]}' if counted else ''}\n"
        text += f"{'':16}**:.  *\n\n"
    found = read_entries(text, 2)
    assert found is not None
    assert [entry.letters for entry in found.entries] == BARE[:2]
    assert found.number == 3


@pytest.mark.parametrize("form", ["genbank", "embl"])
def test_flat_files_as_biopython_writes_them(form: str) -> None:
    handle = io.StringIO()
    SeqIO.write(records(dict(zip(ROWS, BARE, strict=True))), handle, form)
    found = read_entries(handle.getvalue(), 100)
    assert found is not None
    assert [entry.name for entry in found.entries] == list(ROWS)
    assert [entry.letters.upper() for entry in found.entries] == BARE


UNIPROT = """ID   UBC_HUMAN               Reviewed;          76 AA.
AC   P0CG48; P02248;
DE   RecName: Full=Polyubiquitin-C;
FT   CHAIN           1..76
FT                   /note="Ubiquitin"
SQ   SEQUENCE   76 AA;  8565 MW;  C6BFBF6CBA6C3F9D CRC64;
     MQIFVKTLTG KTITLEVEPS DTIENVKAKI QDKEGIPPDQ QRLIFAGKQL EDGRTLSDYN
     IQKESTLHLV LRLRGG
//
"""


@pytest.mark.parametrize("start", ["ID ", "AC ", "FT   CHAIN", "SQ "])
def test_entries_of_uniprot_and_pieces_of_them(start: str) -> None:
    text = UNIPROT[UNIPROT.index(start) :]
    for whole in (text, text.removesuffix("//\n"), text + UNIPROT):
        found = read_entries(whole, 100)
        assert found is not None
        assert {entry.letters for entry in found.entries} == {UBIQUITIN}


def test_pir_as_biopython_reads_and_writes_it() -> None:
    handle = io.StringIO()
    SeqIO.write(records({"a": UBIQUITIN, "b": UBIQUITIN[:30]}), handle, "pir")
    found = read_entries(handle.getvalue(), 100)
    assert found is not None
    assert [entry.letters for entry in found.entries] == [UBIQUITIN, UBIQUITIN[:30]]
    assert found.kind == "PIR"
    assert not found.aligned


LETTERS = st.text(st.sampled_from("ACDEFGHIKLMNPQRSTVWY"), min_size=2, max_size=200)
TITLES = st.text(st.sampled_from("ACDEFGHIKLMNPQRSTVWY ,.-:12ab"), max_size=28)


@given(
    st.lists(st.tuples(TITLES, LETTERS), min_size=1, max_size=4),
    st.integers(1, 60),
    st.sampled_from(["P1", "F1", "p1", "XX"]),
    st.sampled_from(["", " "]),
)
def test_the_line_after_a_header_of_pir_is_a_title(
    pairs: list[tuple[str, str]], width: int, kind: str, blank: str
) -> None:
    text = ""
    for number, (title, letters) in enumerate(pairs):
        lines = [letters[i : i + width] for i in range(0, len(letters), width)]
        lines = [blank.join(line[i : i + 10] for i in range(0, len(line), 10)) for line in lines]
        text += f">{kind};r{number}\n{title}\n" + "\n".join(lines) + "*\n\n"
    found = read_entries(text, 100)
    assert found is not None
    for entry, (title, letters) in zip(found.entries, pairs, strict=True):
        assert entry.title == title.strip()
        assert entry.letters == letters or "three letters" in entry.problem


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        (f">P1;x\n{UBIQUITIN}\n", UBIQUITIN),
        (f">P1;x\n{UBIQUITIN[:60]}\n{UBIQUITIN[60:]}\n", UBIQUITIN),
        (">P1;x\nMKVLL*\n", "MKVLL*"),
        (f">P1;x\n\n{UBIQUITIN}*\n", UBIQUITIN),
        (f">P1;x\nUBIQUITIN\n{UBIQUITIN}*\nC;Species: man\n", UBIQUITIN),
        (f">sp|P0CG48|UBC_HUMAN Ubiquitin -> x\n{UBIQUITIN}", UBIQUITIN),
        (f"#76\t1\n>101\n{UBIQUITIN}\n>hit\n{UBIQUITIN[:-1]}-\n", UBIQUITIN),
        (f"#A3M#\n>q\n{UBIQUITIN}\n>hit\n-{UBIQUITIN[1:5]}abc{UBIQUITIN[5:]}\n", UBIQUITIN),
        (f"; a comment\n; more\n>x\n; comment\n{UBIQUITIN[:9]}\n\n{UBIQUITIN[9:]}", UBIQUITIN),
        (f"  >x\tname\n  {UBIQUITIN}\n", UBIQUITIN),
        (f"ORIGIN\n        1 {UBIQUITIN[:10]} {UBIQUITIN[10:]}\n//\n", UBIQUITIN),
    ],
)
def test_one_sequence_in_many_dresses(text: str, letters: str) -> None:
    found = read_entries(text, 100)
    assert found is not None
    assert found.entries[0].problem == ""
    assert found.entries[0].letters == letters


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f">P1;x\n{UBIQUITIN}\n{UBIQUITIN}*\n", "PIR's header"),
        (f">P1;x\nUBIQUITIN\n{UBIQUITIN}\n", "PIR's header"),
        (f">P1;x\nMKVLL\n{UBIQUITIN}\n", "PIR's header"),
        (f">1ABC\nACYL CARRIER PROTEIN\n{UBIQUITIN}\n", "words"),
        (">x\nSER THR ILE GLU\nGLU ARG\n", "three letters"),
    ],
)
def test_a_record_in_doubt_is_one_sentence(text: str, problem: str) -> None:
    found = read_entries(text + f">good\n{UBIQUITIN}\n", 100)
    assert found is not None
    assert problem in found.entries[0].problem
    assert found.entries[0].letters == ""
    assert found.entries[-1].letters == UBIQUITIN


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (" 2 60\nquery     STIEERVKK\nhit       STIEERVKK\n", "PHYLIP"),
        (written("phylip"), "PHYLIP"),
        ("#NEXUS\nbegin data;\nmatrix\nquery STIE\n;\nend;\n", "NEXUS"),
        ('{"sequence": "MKVLL"}', "JSON"),
        ('[{"sequence": "MKVLL"}]', "JSON"),
        ("{\\rtf1\\ansi MKVLL}", "RTF"),
        ("<!DOCTYPE html><html><body>MKVLL", "web page"),
        ('<?xml version="1.0"?><uniprot>', "XML"),
        ("name\tsequence\nquery\tSTIEER\n", "table"),
        ("name,sequence\nquery,STIEER\n", "table"),
        ("@read\nACGT\n+\nIIII\n", "FASTQ"),
        ("!!AA_SEQUENCE 1.0\nx  Length: 5 ..\n 1 MKVLL\n", "GCG"),
        (";name\nMKVLL1\n", "old format"),
        ("HEADER    OXYGEN TRANSPORT\nSEQRES   1 A    3  SER THR ILE\n", "structure"),
        ("data_1ABC\n_entity_poly.pdbx_seq_one_letter_code MKVLL\n", "structure"),
        ("LOCUS       X   5 aa\nDEFINITION  a protein\n", "lacks the lines"),
        (UNIPROT[: UNIPROT.index("SQ ")], "lacks the lines"),
        ("CLUSTAL W (1.8)\n\n", "without a row"),
        ("CLUSTAL W (1.8)\n\na STIE\nb STI\n", "differ in length"),
        ("CLUSTAL W (1.8)\n\na STIE\na STIE\nb STIE\n", "two rows are called a"),
        (written("stockholm") * 2, "holds 2 alignments"),
        (written("stockholm") + "\n\n" + written("stockholm") * 2 + "\n", "holds 3 alignments"),
        (written("stockholm") + written("clustal"), "holds 2 alignments"),
        (f"{MSF}//\n{MSF}", "holds 2 alignments"),
    ],
)
def test_what_is_not_read_is_named(text: str, kind: str) -> None:
    with pytest.raises(AtlasError, match=kind) as caught:
        read_entries(text, 100)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        UBIQUITIN,
        "MUSCLE",
        f"{UBIQUITIN[:60]}\n{UBIQUITIN[60:]}",
        "1 MQIFVKTLTG KTITLEVEPS 20\n21 DTIENVKAKI QD 32",
        " ".join(UBIQUITIN),
        f"{UBIQUITIN[:20]}\n{UBIQUITIN[20:36]}\n{UBIQUITIN}",
    ],
)
def test_printed_letters_are_no_words(text: str) -> None:
    assert read_entries(text, 100) is None
    refuse_words(text.split("\n"), "The sequence", wrapped=True)


@pytest.mark.parametrize(
    "text",
    [
        f"UBIQUITIN\n{UBIQUITIN}",
        f"ACYL CARRIER PROTEIN MATURE CHAIN\n{UBIQUITIN}",
        f"query {UBIQUITIN}",
        f"seqA {UBIQUITIN[:60]}\nseqB {UBIQUITIN[:60]}\n\nseqA {UBIQUITIN[60:]}",
        "SEQRES   1 A   77  SER THR ILE GLU GLU ARG",
        "Ser Thr Ile Glu",
    ],
)
def test_names_among_letters_are_refused(text: str) -> None:
    assert read_entries(text, 100) is None
    with pytest.raises(AtlasError, match="The sequence is written in"):
        refuse_words(text.split("\n"), "The sequence", wrapped=True)


HH_SUITE = {
    "ss_dssp": "CCEEEEECTTSCEEEEECCTTSBHHHHHHHHHHHHCCCGGGEEEEETTEECCTTSBTGGGTCCTTCEEEEEECCCC",
    "sa_dssp": "AABBCCDDEE" * 7 + "AABBCC",
    "ss_pred PSIPRED predicted secondary structure": "CEEEEEEECC" * 7 + "CCCCCC",
    "ss_conf PSIPRED confidence values": "9" * 76,
    "aa_pred": UBIQUITIN,
    "x_consensus": UBIQUITIN.lower(),
    "x_consensus of 12 rows": UBIQUITIN,
}


@pytest.mark.parametrize("rest", [">hit\n-{}abc{}\n", ">hit\n-{}{}\n", ""])
@pytest.mark.parametrize("rows", [[name] for name in HH_SUITE] + [list(HH_SUITE)])
@pytest.mark.parametrize("before", [True, False])
def test_rows_of_hh_suite_that_are_no_proteins_are_left_out(
    rows: list[str], rest: str, before: bool
) -> None:
    own = "".join(f">{name}\n{HH_SUITE[name]}\n" for name in rows)
    proteins = f">query x\n{UBIQUITIN}\n" + rest.format(UBIQUITIN[1:5], UBIQUITIN[5:])
    found = read_entries(own + proteins if before else proteins + own, 100)
    assert found is not None
    names = ["query", "hit"] if rest else ["query"]
    if not rest and "consensus" in rows[0]:
        # Beside one sequence it is another that somebody gave.
        names = sorted([*names, "x_consensus"], reverse=before)
    assert [entry.name for entry in found.entries] == names
    assert found.number == len(names)
    assert found.aligned == bool(rest)


def test_structure_without_a_protein_is_refused_and_a_consensus_alone_is_one() -> None:
    with pytest.raises(AtlasError, match="rows of structure alone"):
        read_entries(">ss_pred\nHHHHCC\n", 100)
    found = read_entries(f">x_consensus\n{UBIQUITIN}\n>y_consensus\n{UBIQUITIN[:9]}\n", 1)
    assert found is not None
    assert [entry.name for entry in found.entries] == ["x_consensus"]
    assert found.number == 2
