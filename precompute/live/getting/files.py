"""Read what strangers wrote: a structure or sequences, of a file, a service or a fold.

Nothing here asks anybody or knows of a page: `reading` has it run in a process apart.
"""

from __future__ import annotations

from dataclasses import replace

from precompute.datasets.text import clean_text, is_mmcif, is_pdb, unpack
from precompute.errors import AtlasError
from precompute.live.getting.protein import Protein, plain
from precompute.live.getting.sequences import Records, read_records
from precompute.live.getting.structures import Structure, choose_chain, read_structure
from precompute.live.settings import largest_file

_STRUCTURES = ("pdb", "pdb1", "ent", "cif", "mmcif")
STRUCTURE_ENDINGS = (*_STRUCTURES, *(f"{ending}.gz" for ending in _STRUCTURES))
SEQUENCE_ENDINGS = ("fasta", "fa", "faa", "seq", "txt", "pir", "aln", "sto", "a3m", "msf", "gz")


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


def read_upload(content: bytes, name: str, chain: str | None = None) -> Protein | Records:
    """Read a visitor's file: one chain of its structure, or its sequences; run apart."""
    found = open_upload(content, name)
    return upload_chain(found, chain) if isinstance(found, Structure) else found


def read_chain(
    content: bytes, file: str, chain: str | None, source: str, identifier: str
) -> Protein:
    """Read one chain of a structure that was fetched; run apart."""
    return choose_chain(read_structure(content, file), chain, source=source, identifier=identifier)


def read_fold(content: bytes, file: str, sequence: str) -> Protein:
    """Read the structure that a sequence was folded to; run apart.

    Raises
    ------
    AtlasError
        When it is a structure of another sequence.
    """
    structure = read_structure(content, file)
    folded = choose_chain(
        structure,
        matching_chain(structure, sequence),
        source="folded",
        identifier=structure.name,
    )
    note = "The structure is a prediction from this sequence, made by the folding service."
    return replace(folded, notes=(note, *folded.notes))


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


def _is_structure(data: bytes, name: str) -> bool:
    """Tell a structure from sequences, by the content and then by the name."""
    if is_pdb(data) or is_mmcif(data) or data.lstrip().startswith(b"data_"):
        return True
    if data.lstrip().startswith(b">"):
        return False
    return name.lower().endswith(STRUCTURE_ENDINGS)
