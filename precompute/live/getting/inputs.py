"""Every way to a protein: an example, an identifier, a file, pasted letters, a fold."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from precompute.errors import AtlasError
from precompute.live.getting.bounds import UnreadError
from precompute.live.getting.entries import (
    clean_accession,
    clean_pdb_id,
    fetch_alphafold,
    fetch_pdb,
    fold_sequence,
)
from precompute.live.getting.files import read_chain, read_fold
from precompute.live.getting.protein import PUBLIC_SOURCES, Protein, plain
from precompute.live.getting.reading import readers
from precompute.live.getting.structures import (
    MissingChainError,
    choose_chain,
    read_structure,
)

if TYPE_CHECKING:
    from precompute.examples import Example

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


def fold(protein: Protein) -> Protein:
    """Have a bare sequence folded by the service that is set up.

    Raises
    ------
    AtlasError
        When none is, it cannot be had, or it gives a structure of another sequence.
    """
    return fold_sequence(
        protein.sequence,
        lambda content, file: readers.read("The fold", read_fold, content, file, protein),
    )


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
    subject = f"The {'entry' if kind == 'pdb' else 'prediction for'} {name}"

    def read(content: bytes, file: str) -> Protein | AtlasError:
        try:
            return readers.read(subject, read_chain, content, file, chain, f"{kind}:{name}", name)
        except (MissingChainError, UnreadError) as error:
            return error  # the file need not be fetched anew for it

    if kind == "pdb":
        return _or_raise(fetch_pdb(name, read))
    found, prediction = fetch_alphafold(name, read)
    protein = _or_raise(found)
    protein = replace(protein, title=prediction.title or protein.title)
    note = f"The structure is a prediction of AlphaFold DB ({prediction.file.removesuffix('.cif')}"
    if prediction.confidence is not None:
        note += f", mean pLDDT {prediction.confidence:.0f} of 100"
    notes = [f"{note})."]
    if prediction.fragments > 1:
        count = prediction.fragments
        notes.append(f"It is the first of {count} fragments in which this protein was predicted.")
    return replace(protein, notes=(*notes, *protein.notes))


def _or_raise(found: Protein | AtlasError) -> Protein:
    if isinstance(found, AtlasError):
        raise found
    return found


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
