"""Sequences in the formats that people have them in, told by their first lines.

FASTA (aligned and A3M too), PIR, Clustal and its kin, Stockholm, MSF, and the flat files of
GenBank, EMBL and UniProt are read; others are named and refused. What is a name, a title or
a comment in a format is never taken for residues. Biopython reads most of these, but loops
for ever, or fills the memory, on some texts that end early or lie about their size; here
everything takes time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from precompute.datasets.alignment_blocks import read_block_rows
from precompute.datasets.text import is_mmcif, is_pdb
from precompute.errors import AtlasError

GAPS = "-.~"
_WITHOUT_GAPS = str.maketrans("", "", GAPS)
_WITHOUT_INSERTIONS = str.maketrans("", "", "abcdefghijklmnopqrstuvwxyz.")

NOT_ROWS = re.compile(r"(?:ss|sa|aa)_(?:pred|conf|dssp)\b|(?P<consensus>\S*_consensus(?!\S))")
"""Names under which HH-suite puts structure and consensus among the rows."""

_LONG = 15
"""Letters of a word that is no word of a title, if it is made of residues' letters alone."""

_PIR_HEADER = re.compile(r"(?:P1|F1|D1|DL|DC|RL|RC|N1|N3|XX);", re.IGNORECASE)
CLUSTAL_NAMES = ("CLUSTAL", "MUSCLE", "PROBCONS", "MSAPROBS", "KALIGN", "T-COFFEE", "MAFFT")
_MSF_NAMES = ("!!AA_MULTIPLE", "!!NA_MULTIPLE", "PILEUP", "MSF:")
# Blanks, not \s, which would run on over empty lines.
_FLAT_SEQUENCE = re.compile(
    r"^(?:ORIGIN[ \t]*\n[ \t]*[0-9]|SQ   +SEQUENCE|SQ[ \t]*\n     )", re.IGNORECASE | re.MULTILINE
)
_FLAT_LINE = re.compile(r"(?:ORIGIN[ \t]*$|SQ(?:[ \t]*$|   +SEQUENCE))", re.IGNORECASE)
_THREE_LETTERS = (
    "ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL "
    "ASX GLX SEC PYL UNK XAA"
)


class Entry(NamedTuple):
    """One sequence as its file has it: name, title, and letters without blanks or numbers.

    `problem` says why it cannot be used, where that is known already.
    """

    name: str
    title: str
    letters: str
    problem: str = ""


class Entries(NamedTuple):
    """The sequences of a text.

    Attributes
    ----------
    kind
        The format, in words.
    entries
        The first of them.
    number
        How many there are.
    aligned
        Whether they were rows of an alignment, out of which gaps were taken.
    """

    kind: str
    entries: tuple[Entry, ...]
    number: int
    aligned: bool = False


def read_entries(text: str, most: int) -> Entries | None:
    r"""Read the sequences of a text in a format that names them.

    Parameters
    ----------
    text
        With ``\n`` at the ends of lines (`precompute.datasets.text.decode`).
    most
        Entries that are kept; the others are counted.

    Returns
    -------
    Entries or None
        None where the text is in no such format: it may be letters alone.

    Raises
    ------
    AtlasError
        Naming the format, where it is one that is not read here, or the text is damaged.
    """
    lines = without_preamble(text.strip("\n").split("\n"))
    head = lines[0].strip()
    first = (head.split() or [""])[0].upper()
    other = _name_other(text, lines, head)
    if other:
        raise AtlasError(f"This is {other}; give the sequence as FASTA, or as letters alone.")
    if head.startswith(">"):
        return _read_fasta(lines, most)
    if _FLAT_SEQUENCE.search(text):
        return _read_flat(lines, most)
    if first == "LOCUS" or head.startswith("ID   "):
        raise AtlasError("This entry lacks the lines with its sequence; give the whole entry.")
    # Only the first of these is never the beginning of a protein.
    if first.startswith("CLUSTAL") or (first.startswith(CLUSTAL_NAMES) and len(lines) > 1):
        return _read_blocks("a Clustal alignment", lines[1:], most)
    if len(lines) > 1:
        if head.upper().startswith("# STOCKHOLM"):
            return _read_blocks("a Stockholm alignment", lines[1:], most)
        if first.startswith(_MSF_NAMES):
            start = next((i for i, line in enumerate(lines) if line.strip() == "//"), len(lines))
            return _read_blocks("an MSF alignment", lines[start + 1 :], most)
    return None


def split_fasta(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Give the header and the lines of each FASTA record; comments (``;``) are dropped."""
    header: str | None = None
    own: list[str] = []
    for raw in lines:
        line = raw.strip()
        if line.startswith(">"):
            if header is not None:
                yield header, own
            header, own = line[1:].strip(), []
        elif not line.startswith(";"):
            own.append(line)
    if header is not None:
        yield header, own


def is_pir(header: str) -> bool:
    """Tell a PIR header, without its ``>``: two letters for the kind, a semicolon, a name."""
    return _PIR_HEADER.match(header) is not None


def join_letters(lines: Iterable[str]) -> str:
    """Take blanks out, and numbers that stand alone, as GenBank and UniProt print them."""
    return "".join(word for line in lines for word in line.split() if not word.isdecimal())


def refuse_words(lines: Sequence[str], owner: str, *, wrapped: bool) -> None:
    """Refuse letters among which a name or a title may stand.

    A printed sequence has groups of one size and lines of one size, the last of each apart;
    words have not.

    Parameters
    ----------
    lines
        What should be letters alone.
    owner
        Whose they are, for a message.
    wrapped
        Whether lines must be of one size too: where nothing says which line is a name.

    Raises
    ------
    AtlasError
        When it looks like words, or like residues' names of three letters.
    """
    split = [[word for word in line.split() if not word.isdecimal()] for line in lines]
    split = [line for line in split if line]
    words = [word for line in split for word in line]
    if len(words) > 1 and all(len(w) == 3 and w.upper() in _THREE_LETTERS for w in words):
        raise AtlasError(f"{owner} is written in names of three letters: write one a residue.")
    groups = {len(word) for line in split for word in line[:-1]}
    ends = [len(line[-1]) for line in split]
    ragged = len(groups) > 1 or bool(groups and max(ends) > max(groups))
    ragged = ragged and min(groups) < _LONG
    if wrapped and not groups:
        ragged = len({*ends[:-1], max(ends, default=0)}) > 1 and min(ends[:-1]) < _LONG
    if ragged:
        raise AtlasError(
            f"{owner} is written in words or lines of different lengths, so that a name or a title "
            "among them cannot be told from residues: give FASTA, a line with > and the name and "
            "then the letters, or the letters alone, without blanks."
        )


def without_preamble(lines: list[str]) -> list[str]:
    """Leave out what goes before the first ``>``, if it is comments alone, as in A3M."""
    for number, raw in enumerate(lines):
        line = raw.strip()
        if line.startswith(">"):
            return lines[number:]
        if line and not line.startswith((";", "#")):
            break
    return lines


def _name_other(text: str, lines: list[str], head: str) -> str:
    """Name a format that is known and not read, else give an empty text."""
    small = head[:200].lower()
    for sign, what in (
        ("{\\rtf", "an RTF document"),
        ("#nexus", "a NEXUS file"),
        ("#mega", "a MEGA file"),
        ("##gff", "a GFF file"),
        ("<?xml", "XML"),
        ("<!doctype", "a web page"),
        ("<html", "a web page"),
        ("%pdf", "a PDF document"),
        ("!!aa_sequence", "a GCG file"),
        ("!!na_sequence", "a GCG file"),
        ("@hd\t", "a SAM file"),
        ("pk\x03\x04", "a zip archive"),
    ):
        if small.startswith(sign):
            return what
    data = text.encode(errors="replace")
    if is_pdb(data) or is_mmcif(data) or small.startswith("data_"):
        return "a structure, which is taken as a file"
    if head[:1] in ("{", "[") and '"' in text:
        return "JSON"
    if head.startswith("@") and any(line.startswith("+") for line in lines):
        return "FASTQ"
    if head.startswith(";"):
        return "a sequence in an old format (its first line begins with ;)"
    words = head.split()
    counts = len(words) >= 2 and words[0].isdecimal() and words[1].isdecimal()
    if len(lines) > 1 and counts and all(len(word) == 1 for word in words[2:]):
        return "a PHYLIP alignment"
    full = [line for line in lines if line.strip()]
    for sign in ("\t", ",", ";", "|"):
        cells = [[c for c in line.split(sign) if not c.strip().isdecimal()] for line in full[:100]]
        if len(full) > 1 and not head.startswith(">") and all(len(row) > 1 for row in cells):
            return "a table"
    return ""


def _read_fasta(lines: list[str], most: int) -> Entries:
    """Read records; those that HH-suite puts before an alignment's are left out.

    A consensus may be somebody's protein, and is one where it stands in no alignment.
    """
    found = [(record, NOT_ROWS.match(record[0])) for record in split_fasta(lines)]
    records = [record for record, other in found if not other]
    entries, aligned = _read_records(records[:most])
    others = [other for _, other in found if other]
    if others and not aligned and all(other["consensus"] for other in others):
        records = [record for record, _ in found]
        entries, aligned = _read_records(records[:most])
    if not records:
        raise AtlasError("This has rows of structure alone and no sequence; give the protein's.")
    kind = "PIR" if all(is_pir(header) for header, _ in records[:most]) else "FASTA"
    kind = f"an alignment in {kind}" if aligned else kind
    return Entries(kind, tuple(entries), len(records), aligned)


def _read_records(records: Sequence[tuple[str, list[str]]]) -> tuple[list[Entry], bool]:
    """Read records, and tell whether they are rows of an alignment, whose gaps are taken out."""
    entries = [_read_record(header, own, place) for place, (header, own) in enumerate(records, 1)]
    rows = [entry.letters for entry in entries]
    aligned = (
        len(rows) > 1
        and any(sign in row for row in rows for sign in GAPS)
        and (
            len({len(row) for row in rows}) == 1
            or len({len(row.translate(_WITHOUT_INSERTIONS)) for row in rows}) == 1
        )
    )
    if aligned:
        entries = [
            entry._replace(letters=entry.letters.translate(_WITHOUT_GAPS)) for entry in entries
        ]
    return entries, aligned


def _read_record(header: str, lines: list[str], place: int) -> Entry:
    """Read one record: of FASTA, or of PIR by its header, whose next line is a title."""
    name, _, title = header.replace("\t", " ").partition(" ")
    owner = f"The sequence of {name[:40] or f'record {place}'}"
    try:
        if is_pir(header):
            name = header.partition(";")[2].strip()
            title, lines = _part_title(lines, owner)
        refuse_words([line for line in lines if not set(line) & set(GAPS)], owner, wrapped=False)
    except AtlasError as error:
        return Entry(name, title.strip(), "", str(error))
    return Entry(name, title.strip(), join_letters(lines))


def _part_title(lines: list[str], owner: str) -> tuple[str, list[str]]:
    """Part the title from the letters of a record with PIR's header, which end with a star.

    Programs write PIR's headers into FASTA, where no title follows and no star.
    """
    title, *rest = lines or [""]
    words = title.split()
    letters = "".join(words).removesuffix("*")
    sizes = {len(word) for word in words[:-1]}
    as_printed = letters.isalpha() and len(sizes | {len(word) for word in words[:1]}) == 1
    long = len(letters) >= 2 * _LONG
    starred = any("*" in line for line in rest)
    if as_printed and not starred and (long or title.endswith("*")):
        return "", lines
    if as_printed and (long or not starred):
        raise AtlasError(
            f"{owner} has PIR's header, after which a line with a title stands and at the end a "
            "star; whether its first line is a title cannot be told: give FASTA."
        )
    return title, ["\n".join(rest).partition("*")[0]]


def _read_flat(lines: list[str], most: int) -> Entries:
    """Read the entries of a flat file: name, description, and the lines of the sequence."""
    entries: list[Entry] = []
    number = 0
    name = title = ""
    own: list[str] | None = None
    for line in [*lines, "//"]:
        tag, _, rest = line.partition(" ")
        if line.startswith("//"):
            if own is not None:
                number += 1
                if number <= most:
                    entries.append(Entry(name or f"record {number}", title, join_letters(own)))
            name, title, own = "", "", None
        elif _FLAT_LINE.match(line):
            own = []
        elif own is not None and (not tag or tag.isdecimal()):
            own.append(line)
        elif tag in ("ID", "LOCUS") and rest.split():
            name = rest.split()[0].strip(";")
        elif tag in ("DE", "DEFINITION") and not title:
            title = rest.strip()
    return Entries("an entry of a database", tuple(entries), number)


def _read_blocks(kind: str, lines: list[str], most: int) -> Entries:
    """Read the sequences of an alignment in blocks."""
    whole = read_block_rows(kind, lines)
    entries = tuple(
        Entry(name, "", row.translate(_WITHOUT_GAPS)) for name, row in islice(whole.items(), most)
    )
    return Entries(kind, entries, len(whole), aligned=True)
