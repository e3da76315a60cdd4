"""An alignment as a protein to look at: its query, with its family and perhaps a structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from precompute.alignment import Alignment
from precompute.datasets.alignment_files import without_endings
from precompute.datasets.alignment_text import ReadAlignment, has_insertions, parse_alignment
from precompute.datasets.alignments import label_query, map_query, refuse_wide, unlabelled
from precompute.datasets.sequence_text import split_fasta
from precompute.datasets.text import decode, is_binary, unpack
from precompute.errors import AtlasError
from precompute.live.getting.family import Family, most_rows
from precompute.live.getting.protein import Protein, bare_protein, plain
from precompute.live.getting.sequences import SHORTEST
from precompute.live.getting.structures import Structure, choose_chain, read_structure
from precompute.live.settings import largest_file, longest_chain, most_cells

Value = TypeVar("Value")
PASTED = "The alignment"
"""What a sentence calls an alignment that was pasted."""


def read_aligned(
    given: bytes | str, name: str, structure: tuple[bytes, str] | None = None
) -> Protein:
    """Read an alignment that a visitor gave, and its query's structure; run apart.

    Parameters
    ----------
    given
        A file, gzip or not, or what was pasted.
    name
        What the file is called; lower-case letters are insertions where it says A3M.
    structure
        A PDB or mmCIF file and its name.

    Raises
    ------
    AtlasError
        When it is no alignment of proteins, too large, or the structure is another protein's.
    """
    shown = plain(name, 60) or PASTED
    if isinstance(given, bytes):
        data = unpack(given, shown, max(largest_file() * 1024**2, len(given)))
        if is_binary(data.rstrip(b"\0")):
            raise AtlasError(f"{shown} is no text; give an alignment.")
        found = parse_alignment(decode(data), shown, inserting=has_insertions(name))
    else:
        text = "\n".join(given.splitlines()).lstrip("\ufeff \n\t")
        found = parse_alignment(text, shown, inserting=_has_insertions(text))
    title = f"query of {len(found.alignment):,} sequences"
    protein = aligned_protein(found, plain(without_endings(name), 60) or "alignment", shown, title)
    if structure is None:
        return protein
    content, file = structure
    return lay_on_structure(protein, read_structure(content, file))


def aligned_protein(
    found: ReadAlignment, identifier: str, name: str, title: str, source: str = "aligned"
) -> Protein:
    """Make the query of an alignment a protein with a family.

    Parameters
    ----------
    found
        What was read.
    identifier, title, source
        Of `Protein`.
    name
        What a sentence calls it.

    Raises
    ------
    AtlasError
        When it has more columns or residues than are read.
    """
    alignment = found.alignment
    refuse_wide(alignment, name)
    residues = len(alignment.query)
    if not SHORTEST <= residues <= longest_chain():
        raise AtlasError(
            f"{name}: its query has {residues:,} {'residue' if residues == 1 else 'residues'}, and "
            f"{SHORTEST} to {longest_chain():,} are read here."
        )
    protein = bare_protein(identifier, alignment.query, title, _notes(found))
    return replace(protein, source=source, family=Family.of(alignment))


def lay_on_structure(protein: Protein, structure: Structure) -> Protein:
    """Give an alignment's query the structure of the same protein.

    Parameters
    ----------
    protein
        Of `aligned_protein`.
    structure
        Its chain that agrees with most of the query's residues is taken.

    Raises
    ------
    AtlasError
        When every chain is of another protein.
    """
    chains = structure.model.chains
    agreeing = {
        chain: _agreeing(protein.sequence, chains[place].sequence)
        for chain, place in structure.usable.items()
    }
    best = max(agreeing, key=lambda chain: agreeing[chain])
    if not agreeing[best]:
        raise AtlasError(
            f"{structure.name} is of another protein than the alignment’s query, its first row: "
            "give a structure of the query, or none."
        )
    own = choose_chain(structure, best, source="upload", identifier=structure.name)
    return lay_on_chain(protein, own)


def lay_on_chain(protein: Protein, own: Protein) -> Protein:
    """Give a query the numbers, labels and atoms of a chain of the same protein."""
    places = map_query(protein.sequence, own.sequence)
    bare = unlabelled(protein.identifier, Alignment.of([protein.sequence]))
    labelled = label_query(bare, [own.chain]) if own.chain is not None else None
    assert places is not None, "its chain was chosen so"
    assert labelled is not None, "a structure has labels"
    known = places >= 0

    def laid(values: Sequence[Value], nothing: Value) -> tuple[Value, ...]:
        return tuple(
            values[at] if there else nothing for at, there in zip(places, known, strict=True)
        )

    there = int(known.sum())
    other = there - _agreeing(protein.sequence, own.sequence)
    words = f"The structure, {own.identifier}, chain {own.chain_name}, has {there} of the query’s "
    words += f"{len(protein)} residues" + (
        f", {other} of them another amino acid." if other else "."
    )
    return replace(
        protein,
        numbers=laid(own.numbers, ""),
        residue_keys=laid(own.residue_keys, None),
        chain_name=own.chain_name,
        chain=replace(labelled, alignment=None),
        structure=own.structure,
        structure_format=own.structure_format,
        view=own.view,
        notes=(*protein.notes, words, *own.notes),
    )


def _agreeing(query: str, chain: str) -> int:
    """Count the query's residues that a chain has, too; 0 where it is another protein."""
    places = map_query(query, chain)
    if places is None:
        return 0
    return sum(at >= 0 and chain[at] == letter for at, letter in zip(places, query, strict=True))


def _has_insertions(text: str) -> bool:
    """Tell whether lower case in a pasted text means insertions: its rows differ in length."""
    if not text.startswith(">"):
        return False
    rows = ["".join("".join(own).split()) for _, own in split_fasta(text.split("\n"))]
    return len({len(row) for row in rows}) > 1 and any(row != row.upper() for row in rows)


def _notes(found: ReadAlignment) -> tuple[str, ...]:
    """Say what a reader of the maps should know of the alignment, a sentence each."""
    alignment = found.alignment
    notes = []
    gaps = alignment.columns - len(alignment.query)
    if gaps:
        columns = f"{gaps} of {alignment.columns:,} columns"
        notes.append(
            f"The query has a gap in {columns}: a model of alignments reads them, and they are no "
            "residues."
        )
    if found.left_out:
        rows = "row was" if found.left_out == 1 else "rows were"
        notes.append(
            f"{found.left_out:,} {rows} left out: they have signs that are neither residues nor "
            "gaps."
        )
    most = most_rows(alignment.columns)
    if len(alignment) > most:
        notes.append(
            f"Of {len(alignment):,} rows a model reads at most {most:,} here: 1,024, and "
            f"{most_cells():,} rows × columns."
        )
    return tuple(notes)
