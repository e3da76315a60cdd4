"""Every way to a protein: an example, an identifier, a file, pasted letters, a fold."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from dashboard.pages.live.getting.entries import (
    clean_accession,
    clean_pdb_id,
    fetch_alphafold,
    fetch_pdb,
    fold_sequence,
)
from dashboard.pages.live.getting.protein import PUBLIC_SOURCES, Protein, plain
from dashboard.pages.live.getting.sequences import Records, read_records
from dashboard.pages.live.getting.structures import Structure, choose_chain, read_structure
from dashboard.pages.live.settings import largest_file
from precompute.datasets.text import clean_text, is_mmcif, is_pdb, unpack
from precompute.errors import AtlasError

if TYPE_CHECKING:
    from precompute.examples import Example

_STRUCTURES = ("pdb", "pdb1", "ent", "cif", "mmcif")
STRUCTURE_ENDINGS = (*_STRUCTURES, *(f"{ending}.gz" for ending in _STRUCTURES))
SEQUENCE_ENDINGS = ("fasta", "fa", "faa", "seq", "txt", "pir", "aln", "sto", "a3m", "msf", "gz")

FAILURE_SECONDS = 20.0
"""A page runs anew at every click: a service that failed is not asked again for this long."""

_KEPT = 16
_MOST_FAILURES = 256
_failures: dict[tuple[str, str, str | None], tuple[float, str]] = {}
"""When and why a source could not be opened."""


def public_source(text: str) -> bool:
    """Tell whether an address may name this: an example, a PDB entry or an accession.

    The identifier's letters are checked, not whether there is such an entry.
    """
    try:
        _split(text)
    except AtlasError:
        return False
    return True


def open_source(source: str, chain: str | None = None) -> Protein:
    """Give what an address names.

    Parameters
    ----------
    source
        ``example:1T8K``, ``pdb:1T8K`` or ``uniprot:P69905``.
    chain
        Name of a chain; the longest of an example, else the first, by default.

    Raises
    ------
    AtlasError
        When there is no such protein or chain, or it cannot be fetched.
    """
    wanted = (*_split(source), chain)
    said = _failures.get(wanted)
    if said is not None and time.monotonic() - said[0] < FAILURE_SECONDS:
        raise AtlasError(said[1])
    try:
        return _open(*wanted)
    except AtlasError as error:
        if len(_failures) >= _MOST_FAILURES:
            _failures.clear()
        _failures[wanted] = (time.monotonic(), str(error))
        raise


def open_upload(content: bytes, name: str) -> Structure | Records:
    """Read a file that a visitor gave: a structure, or sequences.

    Parameters
    ----------
    content
        The file; gzip or not, in any encoding.
    name
        What it is called; it counts only where the content does not tell.

    Returns
    -------
    Structure or Records
        To choose a chain from (`upload_chain`), or a record (`Record.protein`).

    Raises
    ------
    AtlasError
        When it cannot be used.
    """
    shown = plain(name, 60) or "the file"
    # What is too large without being packed is refused in words of its own further on.
    data = unpack(content, shown, max(largest_file() * 1024**2, len(content)))
    if _is_structure(clean_text(data, columns=False), name):
        return read_structure(content, name)
    return read_records(content)


def upload_chain(structure: Structure, chain: str | None = None) -> Protein:
    """Give one chain of a visitor's structure."""
    return choose_chain(structure, chain, source="upload", identifier=structure.name)


def fold(protein: Protein) -> Protein:
    """Have a bare sequence folded by the service that is set up.

    Raises
    ------
    AtlasError
        When none is, it cannot be had, or it gives a structure of another sequence.
    """
    structure = fold_sequence(protein.sequence, read_structure)
    name = matching_chain(structure, protein.sequence)
    folded = choose_chain(
        structure, name, source="folded", identifier=protein.identifier, title=protein.title
    )
    note = "The structure is a prediction from this sequence, made by the folding service."
    return replace(folded, notes=(*protein.notes, note, *folded.notes))


def matching_chain(structure: Structure, sequence: str) -> str:
    """Find the chain of a structure that has a given sequence.

    Raises
    ------
    AtlasError
        When none has; it says how alike the nearest one is.
    """
    chains = structure.model.chains
    for name, place in structure.usable.items():
        if chains[place].sequence == sequence:
            return name
    shares = {
        name: _identity(sequence, chains[place].sequence)
        for name, place in structure.usable.items()
    }
    nearest = max(shares, key=lambda name: shares[name])
    own = chains[structure.usable[nearest]].sequence
    raise AtlasError(
        f"No chain of {structure.name} has this sequence of {len(sequence):,} residues; chain "
        f"{nearest} has {len(own):,} and is the same at {shares[nearest]:.0%} of the longer one's."
    )


def _identity(one: str, other: str) -> float:
    """Give the share of the longer sequence's residues that a global alignment finds equal."""
    from Bio.Align import PairwiseAligner

    # One point for a match and nothing else: the score is the longest common subsequence.
    aligner = PairwiseAligner(  # type: ignore[no-untyped-call]
        match_score=1, mismatch_score=0, gap_score=0
    )
    score = float(aligner.score(one, other))  # type: ignore[no-untyped-call]
    return score / max(len(one), len(other))


def _split(source: str) -> tuple[str, str]:
    """Take a source apart and check its identifier."""
    kind, _, name = source.partition(":")
    if f"{kind}:" not in PUBLIC_SOURCES:
        raise AtlasError(f"“{plain(source, 40)}” names no protein.")
    if kind == "uniprot":
        return kind, clean_accession(name)
    return kind, clean_pdb_id(name)


@lru_cache(maxsize=_KEPT)
def _open(kind: str, name: str, chain: str | None) -> Protein:
    if kind == "example":
        return _open_example(name, chain)
    source = f"{kind}:{name}"
    if kind == "pdb":
        return choose_chain(fetch_pdb(name, read_structure), chain, source=source, identifier=name)
    structure, prediction = fetch_alphafold(name, read_structure)
    protein = choose_chain(structure, chain, source=source, identifier=name, title=prediction.title)
    note = f"The structure is a prediction of AlphaFold DB ({prediction.file.removesuffix('.cif')}"
    if prediction.confidence is not None:
        note += f", mean pLDDT {prediction.confidence:.0f} of 100"
    notes = [f"{note})."]
    if prediction.fragments > 1:
        count = prediction.fragments
        notes.append(f"It is the first of {count} fragments in which this protein was predicted.")
    return replace(protein, notes=(*notes, *protein.notes))


def _open_example(name: str, chain: str | None) -> Protein:
    from precompute.examples import load_example

    example = load_example(name)
    own = example.longest if chain is None else example.find_chain(chain)
    structure = read_structure(example.structure_text.encode(), f"{name}.pdb")
    # The tables know ligands' neighbours by whole side chains, which the text has not.
    protein = choose_chain(
        structure,
        own.name,
        source=f"example:{name}",
        identifier=name,
        title=_title(example),
        labels=own.label_chain(f"{name}.{own.name}"),
    )
    note = "An example of the Protein Data Bank (CC0): backbones and ligands alone."
    return replace(protein, notes=(note, *protein.notes))


def _title(example: Example) -> str:
    organism = example.entry.organism
    return f"{example.entry.protein} ({organism})" if organism else example.entry.protein


def _is_structure(data: bytes, name: str) -> bool:
    """Tell a structure from sequences, by the content and then by the name."""
    if is_pdb(data) or is_mmcif(data) or data.lstrip().startswith(b"data_"):
        return True
    if data.lstrip().startswith(b">"):
        return False
    return name.lower().endswith(STRUCTURE_ENDINGS)
