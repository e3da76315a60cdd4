"""Every way to a protein: an example, an identifier, a file, pasted letters, a fold."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from precompute.datasets.alignment_text import ReadAlignment
from precompute.errors import AtlasError
from precompute.examples.aligned import find_aligned
from precompute.live.getting.aligned import aligned_protein, lay_on_chain
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
    Structure,
    choose_chain,
    read_structure,
)
from precompute.live.remember import remember

if TYPE_CHECKING:
    from precompute.examples import Example

FAILURE_SECONDS = 20.0
"""A page runs anew at every click: a service that failed is not asked again for this long."""

AGAIN_SECONDS = 600.0
"""Likewise the structure of an example alignment, which the page does without."""

_KEPT = 16
_MOST_FAILURES = 256
_failures: dict[tuple[str, str, str | None], tuple[float, str]] = {}
"""When and why a source could not be opened."""
_bare: dict[str, tuple[float, Protein]] = {}
"""Queries of example alignments whose structure could not be had, and when."""


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
        ``example:1T8K``, ``alignment:PF00076``, ``pdb:1T8K`` or ``uniprot:P69905``.
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
        found = _open(*wanted)
        return with_structure(found) if wanted[0] == "alignment" else found
    except AtlasError as error:
        if len(_failures) >= _MOST_FAILURES:
            _failures.clear()
        _failures[wanted] = (time.monotonic(), str(error))
        raise


def with_structure(protein: Protein) -> Protein:
    """Give an example alignment's query its structure, where that can be had.

    What cannot is asked for again after `AGAIN_SECONDS`, and the query stands alone meanwhile.
    """
    wanted = find_aligned(protein.source.partition(":")[2]).structure
    since, bare = _bare.get(wanted, (0.0, protein))
    if wanted in _bare and time.monotonic() - since < AGAIN_SECONDS:
        return bare
    try:
        return _laid(protein, open_source(wanted))
    except AtlasError as error:
        note = f"It is shown without a structure. {error}"
        bare = replace(protein, notes=(*protein.notes, note))
        _bare[wanted] = (time.monotonic(), bare)
        return bare


def fold(sequence: str) -> Protein:
    """Have a sequence folded by the service that is set up.

    Raises
    ------
    AtlasError
        When none is, it cannot be had, or it gives a structure of another sequence.
    """
    return fold_sequence(
        sequence,
        lambda content, file: readers.read("The fold", read_fold, content, file, sequence),
    )


@remember
def with_fold(protein: Protein, folded: Protein) -> Protein:
    """Give a bare sequence, or an alignment's query, what its sequence was folded to.

    Parameters
    ----------
    protein
        Its name, title and notes stay, and so does its family.
    folded
        Of `fold`.
    """
    if protein.family is not None:
        return lay_on_chain(protein, folded)
    return replace(
        folded,
        identifier=protein.identifier,
        title=protein.title or folded.title,
        notes=(*protein.notes, *folded.notes),
    )


def _split(source: str) -> tuple[str, str]:
    """Take a source apart and check its identifier."""
    kind, _, name = source.partition(":")
    if f"{kind}:" not in PUBLIC_SOURCES:
        raise AtlasError(f"“{plain(source, 40)}” names no protein.")
    if kind == "uniprot":
        return kind, clean_accession(name)
    if kind == "alignment":
        return kind, find_aligned(name).name
    return kind, clean_pdb_id(name)


@lru_cache(maxsize=_KEPT)
def _open(kind: str, name: str, chain: str | None) -> Protein:
    if kind == "example":
        return _open_example(name, chain)
    if kind == "alignment":
        one = find_aligned(name)
        whole = ReadAlignment(one.read(), 0)
        return aligned_protein(whole, name, name, one.title, f"alignment:{name}")
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


@remember
def _laid(protein: Protein, own: Protein) -> Protein:
    return lay_on_chain(protein, own)


def _or_raise(found: Protein | AtlasError) -> Protein:
    if isinstance(found, AtlasError):
        raise found
    return found


def _open_example(name: str, chain: str | None) -> Protein:
    from precompute.examples import load_example

    example = load_example(name)
    own = example.longest if chain is None else example.find_chain(chain)
    structure = _example_structure(example)
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


@remember
def _example_structure(example: Example) -> Structure:
    return read_structure(example.structure_text.encode(), f"{example.entry.name}.pdb")


def _title(example: Example) -> str:
    organism = example.entry.organism
    return f"{example.entry.protein} ({organism})" if organism else example.entry.protein
