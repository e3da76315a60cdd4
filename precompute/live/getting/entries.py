"""Structures that others have: entries of the PDB and of AlphaFold DB, and folds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.live.getting.downloading import (
    ALPHAFOLD,
    ESMFOLD,
    RCSB,
    ask,
    base_url,
    keep,
    strange,
)
from precompute.live.getting.protein import plain

T = TypeVar("T")

FOLD_SECONDS = 300.0
_LARGEST_LIST = 2 * 1024**2
"""Bytes of AlphaFold DB's list of predictions; read, it takes fifty times as much at worst."""
_MOST_NAMED = 6
"""Isoforms that a message names."""
_PDB_ID = re.compile(r"[1-9][A-Za-z0-9]{3}")
_LONG_PDB_ID = re.compile(r"pdb_0000([1-9][a-z0-9]{3})", re.IGNORECASE)
# UniProt's own expression for its accessions (uniprot.org/help/accession_numbers).
# A number after it names an isoform; without one it is the canonical sequence.
_ACCESSION = re.compile(
    r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-[1-9][0-9]{0,2})?"
)
_MODEL_FILE = re.compile(
    r"AF-([A-Z0-9]{6,10}(?:-[0-9]{1,3})?)-F([0-9]{1,4})-model_v([0-9]{1,3})\.cif"
)


class Prediction(NamedTuple):
    """What AlphaFold DB says of one accession.

    Long proteins are predicted in overlapping `fragments`, of which this is the first.
    """

    file: str
    title: str
    confidence: float | None
    fragments: int = 1


def clean_pdb_id(text: str) -> str:
    """Give a PDB identifier in capitals.

    Raises
    ------
    AtlasError
        When it is none.
    """
    text = text.strip()
    long = _LONG_PDB_ID.fullmatch(text)
    if long:
        return long[1].upper()
    if not _PDB_ID.fullmatch(text):
        raise AtlasError(
            f"“{plain(text, 20)}” is no PDB identifier: these have a digit and three letters "
            "or digits, such as 1T8K."
        )
    return text.upper()


def clean_accession(text: str) -> str:
    """Give a UniProt accession in capitals, with an isoform's number where it has one.

    Raises
    ------
    AtlasError
        When it is none.
    """
    accession = text.strip().upper()
    if not _ACCESSION.fullmatch(accession):
        raise AtlasError(
            f"“{plain(text, 20)}” is no UniProt accession: these have six or ten letters and "
            "digits, such as P69905, and an isoform's a number more, such as P04637-2."
        )
    return accession


def fetch_pdb(identifier: str, read: Callable[[bytes, str], T]) -> T:
    """Fetch an entry of the Protein Data Bank as mmCIF.

    Parameters
    ----------
    identifier
        As `clean_pdb_id` gives it.
    read
        Takes content and name and gives what is wanted; what it refuses is not kept.

    Raises
    ------
    AtlasError
        When there is no such entry, the server cannot be had, or `read` refuses.
    """
    name = f"{clean_pdb_id(identifier)}.cif.gz"

    def fetch() -> bytes:
        found = ask(RCSB, f"/download/{name}", f"the entry {identifier}")
        if not found.startswith(b"\x1f\x8b"):
            raise AtlasError(strange(RCSB, f"the entry {identifier}"))
        return found

    return keep(f"pdb-{name}", fetch, lambda content: read(content, name))


def fetch_alphafold(accession: str, read: Callable[[bytes, str], T]) -> tuple[T, Prediction]:
    """Fetch the predicted structure of a UniProt accession as mmCIF.

    Parameters
    ----------
    accession
        As `clean_accession` gives it.
    read
        Takes content and name and gives what is wanted; what it refuses is not kept.

    Raises
    ------
    AtlasError
        When there is no prediction, the server cannot be had, or `read` refuses.
    """
    accession = clean_accession(accession)
    what = f"a prediction for {accession}"
    whole = accession.partition("-")[0]
    # One answer lists the canonical sequence and the isoforms.
    prediction = keep(
        f"alphafold-{whole}.json",
        lambda: ask(ALPHAFOLD, f"/api/prediction/{whole}", what, most=_LARGEST_LIST),
        lambda content: read_prediction(content, accession),
    )

    def fetch() -> bytes:
        # Only the file's name is taken from the answer: a mirror's answers name other hosts.
        found = ask(ALPHAFOLD, f"/files/{prediction.file}", what)
        if not found.lstrip().startswith(b"data_"):
            raise AtlasError(strange(ALPHAFOLD, what))
        return found

    kept = keep(
        f"alphafold-{prediction.file}", fetch, lambda content: read(content, prediction.file)
    )
    return kept, prediction


def fold_sequence(sequence: str, read: Callable[[bytes, str], T]) -> T:
    """Have a sequence folded; neither it nor the structure is kept on disk.

    Parameters
    ----------
    sequence
        Capital letters alone.
    read
        Takes content and name and gives what is wanted.

    Raises
    ------
    AtlasError
        When no folding service is set up, or it does not give a structure.
    """
    if not re.fullmatch(r"[A-Z]+", sequence):
        raise AtlasError("Only a sequence of capital letters can be folded.")
    what = "a structure of this sequence"
    content = ask(ESMFOLD, "", what, post=sequence.encode(), seconds=FOLD_SECONDS)
    if not re.search(rb"^ATOM  ", content, re.MULTILINE):
        raise AtlasError(strange(ESMFOLD, what))
    return read(content, "folded.pdb")


def can_fold() -> bool:
    """Tell whether a folding service is set up."""
    return base_url(ESMFOLD) is not None


def read_prediction(content: bytes, accession: str) -> Prediction:
    """Find the entry of one accession in AlphaFold DB's answer, and what it says.

    An answer lists the canonical sequence, isoforms, fragments of long sequences and complexes
    that have the protein in them, in any order.

    Parameters
    ----------
    content
        The answer.
    accession
        As `clean_accession` gives it; with an isoform's number, that isoform is found.

    Raises
    ------
    AtlasError
        When it is no such answer, or lists others than this one alone.
    """
    what = f"a prediction for {accession}"
    try:
        answer = parse_json(content)
    except ValueError as error:
        raise AtlasError(strange(ALPHAFOLD, what)) from error
    found = []
    for entry in answer if isinstance(answer, list) else [answer]:
        url = entry.get("cifUrl") if isinstance(entry, dict) else None
        file = url.partition("?")[0].rpartition("/")[2] if isinstance(url, str) else ""
        match = _MODEL_FILE.fullmatch(file)
        if match:
            found.append((match[1], int(match[2]), int(match[3]), match[0], entry))
    own = [one for one in found if one[0] == accession == one[4].get("uniprotAccession", accession)]
    firsts = [one for one in own if one[1] == 1]
    if firsts:
        *_, version, file, entry = max(firsts, key=lambda one: one[2])
        score, title = entry.get("globalMetricValue"), entry.get("uniprotDescription")
        return Prediction(
            file,
            plain(title) if isinstance(title, str) else "",
            float(score) if isinstance(score, int | float) and 0 <= score <= 100 else None,
            max(part for _, part, number, *_ in own if number == version),
        )
    whole = accession.partition("-")[0]
    others = sorted({one[0] for one in found if one[0].partition("-")[0] == whole} - {accession})
    if others:
        named = ", ".join(others[:_MOST_NAMED]) + (" and more" if len(others) > _MOST_NAMED else "")
        raise AtlasError(f"AlphaFold DB has not got {what} itself; it has {named}.")
    raise AtlasError(strange(ALPHAFOLD, what))
