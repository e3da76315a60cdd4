"""Feed one parser a megabyte of each of its worst texts; run by `test_worst_text` in a process.

``python -m tests.precompute.live.worst_text PARSER`` prints each text's name before it is read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from precompute.errors import AtlasError

SIZE = 1_000_000

LINES = {
    # What patterns stumble over: blanks, ends of lines, quotes, brackets, half a record.
    **{f"blank {sign!r}": sign for sign in ("\n", "\r\n", "\r", " ", "\t", "\0", " \n", "\t\n")},
    **{f"sign {sign!r}": sign for sign in "1>M'\";[{(#*-.\\,|@/_\xe9"},
    **{f"line {sign!r}": f"{sign}\n" for sign in (">", ";", "#", "*", "//", "|", "1,2", "M M")},
    **{f"word {sign!r}": sign for sign in ("' ", "'a ", '"a ', ";a\n", "M ", '[{"a":', ">x\nM\n")},
    **{f"mmCIF {sign!r}": f"{sign}\n" for sign in ("loop_", "data_", "data_x", "save_")},
    **{f"mmCIF {sign!r}": sign for sign in ("_atom_site.\n", " _atom_site.x 1\n", "_atom_site.")},
    "mmCIF columns": "loop_\n_atom_site.Cartn_x\n",
    "ATOM, one line": "ATOM  ",
    **{f"PDB {sign}": f"{sign}\n" for sign in ("ATOM  ", "TER", "END", "MODEL     1\nENDMDL")},
    "numbers without a residue": f"REMARK 465 {'1' * 60}\n",
    "PIR": ">P1;x\nt\nM*\n",
    "flat file": "ID   x\nSQ   SEQUENCE\n     MKV\n//\n",
}
"""What is repeated up to a megabyte, by name."""

_SITE = "data_x\nloop_\n_atom_site.id\n_atom_site.Cartn_x\n"
BEGINNINGS = {
    **{f"a row of {sign!r}": (_SITE, sign) for sign in ("'a ", '"a ', "'", "'\"", "1 ", "a'")},
    **{f"rows of {sign!r}": (_SITE, f"{sign}\n") for sign in ("1 2", "'a", ";", " ")},
    "rows of Clustal": ("CLUSTAL W\n\n", "a M\n"),
    "Clustal without rows": ("CLUSTAL W\n\n", "\n"),
    "rows of Stockholm": ("# STOCKHOLM 1.0\n", "#=GC x\n"),
    "PHYLIP that counts too much": ("999999999999 999999999999\n", "a M\n"),
    "MSF that counts too much": ("PileUp\nMSF: 999999999999 Type: P Check: 1 ..\n//\n", "\n"),
}


def texts() -> Iterator[tuple[str, bytes]]:
    for name, text in LINES.items():
        yield name, (text * (SIZE // len(text))).encode("latin-1")
    for name, (beginning, text) in BEGINNINGS.items():
        yield name, (beginning + text * (SIZE // len(text))).encode()
    yield "many rows of Clustal", b"CLUSTAL W\n\n" + b"".join(b"r%d M\n" % i for i in range(90_000))


def read_sequences(data: bytes) -> None:
    from precompute.live.getting.sequences import read_records

    for record in read_records(data).records:
        try:
            record.protein()
        except AtlasError:
            continue


def upload(data: bytes) -> None:
    from precompute.live.getting.files import open_upload

    open_upload(data, "x.pdb")


def parse(data: bytes) -> None:
    from precompute.datasets.structure_file import parse_structure

    for name in ("x.pdb", "x.cif"):
        try:
            parse_structure(data, name)
        except AtlasError:
            continue


def clean(data: bytes) -> None:
    from precompute.datasets.text import clean_text

    clean_text(data, columns=True)
    clean_text(data, columns=False)


def prediction(data: bytes) -> None:
    from precompute.live.getting.entries import read_prediction

    read_prediction(data, "P69905")


def choices(data: bytes) -> None:
    """Every pattern that an address or a text field meets."""
    from dashboard.page.parameters import read_address
    from dashboard.pages.heads.controls import heads_parameters
    from dashboard.pages.live import choices
    from precompute.live.getting import entries
    from precompute.live.getting.inputs import public_source
    from precompute.live.getting.protein import bare_protein, parse_number, plain
    from precompute.live.residue_list import parse_residues

    text = data.decode("latin-1")
    assert len(plain(text)) <= 160
    assert not public_source(text)
    assert not public_source(f"pdb:{text}")
    assert not public_source(f"uniprot:{text}")
    assert parse_number(f"{text}!") is None
    chosen = choices.live_choices(["demo"], "example:1T8K")
    for parameter in chosen.parameters.values():
        if callable(parameter.allowed):
            parameter.allowed(text)
    for clean in (entries.clean_pdb_id, entries.clean_accession):
        try:
            clean(text)
        except AtlasError:
            continue
    read_address(heads_parameters({}), {"head": [text], "models": [text], "feature": [text]})
    parse_residues(text, bare_protein("x", "MKV"))


PARSERS: dict[str, Callable[[bytes], None]] = {
    function.__name__: function
    for function in (read_sequences, upload, parse, clean, prediction, choices)
}


def main() -> None:
    parser = PARSERS[sys.argv[1]]
    for name, data in texts():
        print(name, flush=True)
        said = ""
        try:
            parser(data)
        except AtlasError as error:
            said = str(error)
        assert "\n" not in said
        assert len(said) < 1000, said[:200]
    print("done")


if __name__ == "__main__":
    main()
