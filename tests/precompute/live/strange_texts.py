"""Read twelve thousand texts that nobody would write; run by `test_strange_texts` in a process.

``python -m tests.precompute.live.strange_texts KIND [SEED]``: made by hypothesis of the parts of a
format, in right and wrong order, packed and encoded in every way.
"""

from __future__ import annotations

import gzip
import resource
import sys
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from precompute.errors import AtlasError
from precompute.live.getting.aligned import read_aligned
from precompute.live.getting.files import read_upload
from precompute.live.getting.sequences import Records
from tests.precompute.live.worst_text import BEGINNINGS, LINES
from tests.precompute.strange import example

EXAMPLES = 2500
MEMORY = 1024**3
"""Bytes of address space beyond what the libraries take."""

_NAMES = ("", "x", "x.pdb", "x.cif.gz", "x.fasta", "a\u202e\n<b>.pdb", "\0", "é" * 300)
_PACKED = ("", "", "", "", "", "gzip", "gzip twice", "gzip cut", "gzip and more")
_ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"),
)
_ODD = st.text(max_size=6) | st.sampled_from(
    (
        "",
        "\0",
        "\x1a",
        "\u2028",
        "\ufeff",
        "é",
        "−1",
        "1e400",
        "nan",
        "٣",
        "9" * 30,
        "'",
        '"',
        ";",
        "$",
    )
)

_ATOM_COLUMNS = (
    *("group_PDB", "id", "type_symbol", "label_atom_id", "label_alt_id", "label_comp_id"),
    *("label_asym_id", "label_entity_id", "label_seq_id", "pdbx_PDB_ins_code", "Cartn_x"),
    *("Cartn_y", "Cartn_z", "occupancy", "auth_seq_id", "auth_asym_id", "pdbx_PDB_model_num"),
)
_TAGS = (
    *(f"_atom_site.{column}" for column in _ATOM_COLUMNS),
    *("_entity.id", "_entity.type", "_entity_poly_seq.entity_id", "_entity_poly_seq.num"),
    *("_entity_poly_seq.mon_id", "_chem_comp.id", "_chem_comp.type", "_struct.title", "_x.y"),
    *("_pdbx_poly_seq_scheme.asym_id", "_pdbx_poly_seq_scheme.seq_id", "_cell.length_a"),
)
_VALUES = st.one_of(
    st.sampled_from(
        ("ATOM", "HETATM", "N", "CA", "C", "O", "ALA", "NAG", "HOH", "A", "1", ".", "?")
    ),
    st.integers(-(10**6), 10**12).map(str),
    st.floats(width=32).map(str),
    _ODD,
)
_PARTS = st.lists(
    st.one_of(
        st.sampled_from(
            ("data_", "data_x", "loop_", "save_", "save_x", "stop_", "global_", "#", ";")
        ),
        st.sampled_from(_TAGS),
        st.lists(st.sampled_from(_TAGS), min_size=1, max_size=8).map(
            lambda tags: "loop_\n" + "\n".join(tags)
        ),
        st.just("loop_\n" + "\n".join(f"_atom_site.{column}" for column in _ATOM_COLUMNS)),
        st.lists(_VALUES, min_size=17, max_size=17).map(" ".join),
        _VALUES,
    ),
    max_size=30,
)
_ROWS = [
    f"ATOM {place} {name[0]} {name} . GLY A 1 {place // 4 + 1} ? {place} {place % 2} 0 1 "
    f"{place // 4 + 1} A 1".split()
    for place, name in enumerate(("N", "CA", "C", "O") * 6)
]
_CELLS = st.lists(
    st.tuples(st.integers(0, 23), st.integers(0, len(_ATOM_COLUMNS) - 1), _VALUES), max_size=6
)


def _table(parts: list[str], cells: list[tuple[int, int, str]], by: str) -> str:
    """A sound table of atoms with some of its cells otherwise, and parts after it."""
    rows = [list(row) for row in _ROWS]
    for row, column, value in cells:
        rows[row][column] = value or "."
    head = "data_x\nloop_\n" + "\n".join(f"_atom_site.{column}" for column in _ATOM_COLUMNS)
    return "\n".join([head, *map(" ".join, rows), "#", by.join(parts)])


_BY = st.sampled_from((" ", "\n", "\n;", "\r\n"))
_MMCIF = st.builds(lambda parts, by: by.join(parts), _PARTS, _BY) | st.builds(
    _table, st.just([]) | _PARTS, _CELLS, _BY
)


def _line(record: str, fields: list[tuple[int, str]]) -> str:
    """A record with texts in some of its columns."""
    line = list(record.ljust(80))
    for place, text in fields:
        line[place : place + len(text)] = text
    return "".join(line)[:90]


_COLUMNS = st.tuples(
    st.sampled_from((0, 6, 12, 16, 17, 20, 21, 22, 26, 30, 38, 46, 54, 60, 72, 76)),
    st.one_of(
        _ODD,
        st.sampled_from(
            (" CA ", "CA  ", "ALA", "NAG", "HOH", "****", "   1", "9999", "A000", "   1.000")
        ),
        st.floats(-9999, 9999).map(lambda value: f"{value:8.3f}"),
    ),
)
_ATOM = "ATOM      1  CA  ALA A   1      11.104   6.134  -6.504  1.00  0.00           C"
_RECORDS = st.lists(
    st.builds(
        _line,
        st.sampled_from(
            (
                *(
                    _ATOM,
                    _ATOM,
                    _ATOM.replace("CA  ALA", "N   GLY"),
                    f"HETATM{_ATOM[6:]}",
                    "TER",
                    "",
                ),
                *("MODEL     1", "ENDMDL", "END", "HEADER", "TITLE     x", "CONECT    1    2"),
                *("SEQRES   1 A    3  ALA GLY ALA", "REMARK 465     ALA A    9"),
                "MODRES 1ABC MSE A    1  MET",
            )
        ),
        st.lists(_COLUMNS, max_size=3),
    ),
    max_size=30,
)
_CHAIN = [line for line in example("2D1L").splitlines() if line[21:22] == "A"][:60]
_EDITS = st.lists(
    st.tuples(st.integers(0, len(_CHAIN) - 1), st.lists(_COLUMNS, max_size=1)), max_size=4
)


def _edit(records: list[str], edits: list[tuple[int, list[tuple[int, str]]]]) -> str:
    """A sound chain with some of its columns otherwise, and records put into it."""
    lines = list(_CHAIN)
    for place, fields in edits:
        lines[place] = _line(lines[place], fields)
        lines[place:place] = records[:3]
    return "\n".join([*lines, *records[3:]])


_PDB = _RECORDS.map("\n".join) | st.builds(_edit, _RECORDS, _EDITS)

_HEADERS = (
    "CLUSTAL W",
    "# STOCKHOLM 1.0",
    "PileUp",
    "MSF: 9 Type: P ..",
    "//",
    "LOCUS x",
    "ORIGIN",
)
_SEQUENCES = st.lists(
    st.one_of(
        st.sampled_from(
            (*_HEADERS, ">", ">x", ">P1;x", "ID   x", "SQ   SEQUENCE", "#=GC x", " *:.")
        ),
        st.text("ACDEFGHIKLMNPQRSTVWYXUZOBacgt-.~*1 \t", max_size=40),
        st.tuples(_ODD, st.text("ACGTMKVL-", max_size=20)).map(" ".join),
        _ODD,
    ),
    max_size=20,
).flatmap(
    lambda parts: st.sampled_from(("\n", "\r", "\r\n", "\n\n")).map(lambda by: by.join(parts))
)

_REPEATED = st.tuples(
    st.sampled_from(["", *(beginning for beginning, _ in BEGINNINGS.values())]),
    st.sampled_from([*LINES.values(), *(text for _, text in BEGINNINGS.values())]),
    st.integers(0, 300),
    st.sampled_from(["", *LINES.values()]),
).map(lambda parts: parts[0] + parts[1] * parts[2] + parts[3])

_LINES_OF_ALIGNMENTS = st.one_of(
    st.sampled_from((*_HEADERS, "#=GF ID x", "#=GS a AC b", ">", ">ss_pred", ">P1;x", "#", " ")),
    st.text("ACDEFGHIKLMNPQRSTVWYXUZOBJ-.~*acd1 ", max_size=24).map(lambda row: f">x\n{row}"),
    st.text("ACDEFGHIKLMNPQRSTVWYXUZOBJ-.~*acd1 ", max_size=24).map(lambda row: f"a {row}"),
    st.tuples(_ODD, _ODD).map(" ".join),
)
_ROWS_OF_ALIGNMENTS = st.integers(1, 12).flatmap(
    lambda width: st.lists(
        st.tuples(
            st.sampled_from(("a", "b", "c")) | _ODD,
            st.text("ACDEFGHIKLMNPQRSTVWY-.acX*", min_size=width, max_size=width),
        ),
        min_size=1,
        max_size=6,
    )
)


def _align(kind: str, rows: list[tuple[str, str]], after: list[str]) -> str:
    """Rows of one length in one of the formats, and lines after them."""
    if kind == "fasta":
        lines = [f">{name}\n{row}" for name, row in rows]
    else:
        lines = [kind, "", *(f"{name} {row}" for name, row in rows)]
    return "\n".join([*lines, *after])


_ALIGNMENTS = st.builds(
    lambda head, lines: "\n".join([head, *lines]),
    st.sampled_from(("", *_HEADERS)),
    st.lists(_LINES_OF_ALIGNMENTS, max_size=12),
) | st.builds(
    _align,
    st.sampled_from(("fasta", "fasta", "# STOCKHOLM 1.0", "CLUSTAL W")),
    _ROWS_OF_ALIGNMENTS,
    st.just([]) | st.lists(_LINES_OF_ALIGNMENTS, max_size=3),
)

TEXTS = {
    "mmcif": _MMCIF,
    "pdb": _PDB,
    "sequences": _SEQUENCES,
    "repeated": _REPEATED,
    "alignments": _ALIGNMENTS,
}


def pack(data: bytes, how: str) -> bytes:
    if how.startswith("gzip"):
        data = gzip.compress(data, 1, mtime=0)
    if how == "gzip twice":
        return gzip.compress(data, 1, mtime=0)
    if how == "gzip cut":
        return data[: 2 * len(data) // 3]
    return data + b"and more" if how == "gzip and more" else data


def check(text: str, encoding: str, how: str, name: str) -> None:
    """Read a text as a visitor's file: a result, or one sentence."""
    content = pack(text.encode(encoding, errors="replace"), how)
    refusals = []
    try:
        found = read_upload(content, name)
    except AtlasError as error:
        refusals.append(str(error))
    else:
        for record in found.records if isinstance(found, Records) else ():
            try:
                record.protein()
            except AtlasError as error:
                refusals.append(str(error))
    assert_sentences(refusals)


def check_alignment(text: str, encoding: str, how: str, name: str) -> None:
    """Read a text as a visitor's alignment, pasted and as a file: a family, or one sentence."""
    content = pack(text.encode(encoding, errors="replace"), how)
    refusals = []
    for read, called in ((text, ""), (content, name), (content, "x.a3m")):
        try:
            protein = read_aligned(read, called)
        except AtlasError as error:
            refusals.append(str(error))
        else:
            assert protein.family is not None
            assert protein.family.alignment.query.replace("-", "") == protein.sequence
    assert_sentences(refusals)


def assert_sentences(refusals: list[str]) -> None:
    for sentence in refusals:
        assert sentence
        assert len(sentence) < 1000
        assert sentence.isprintable(), repr(sentence)


def main() -> None:
    here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (here + MEMORY, here + MEMORY))
    run = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )(
        given(
            TEXTS[sys.argv[1]],
            st.sampled_from(_ENCODINGS),
            st.sampled_from(_PACKED),
            st.sampled_from(_NAMES),
        )(check_alignment if sys.argv[1] == "alignments" else check)
    )
    seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)(run)()
    print("done")


if __name__ == "__main__":
    main()
