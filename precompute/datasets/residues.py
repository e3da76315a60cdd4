"""Group the atoms of a file into residues and chains.

Chains go by the author's names, and those are missing or used twice in what many programs
write: there the ends that the file marks (TER, END, segment identifiers, ``label_asym_id``)
and numbers that come again part them, unless a peptide bond holds the two sides together.
Residues of two chains never fall together.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable
from precompute.datasets.components import WATER
from precompute.datasets.placed import share_place
from precompute.datasets.runs import Runs

_LONGEST_LOOP = 50
"""Residues that are not resolved within a chain; where more are said to lack, two chains meet."""


class ChainName(NamedTuple):
    """A chain: what it is called here, what its file calls it, and the section it is of."""

    name: str
    label: str
    section: int


class Residues(NamedTuple):
    """The residues of a model, side by side; each array has shape (residues,).

    Residues of one `sites` value share one number in one chain. `names` are chemical
    components, `given` the file's own names. `stated` are those that mmCIF calls polymer,
    `places` their places in the entity's sequence, from 1.
    """

    names: NDArray[np.str_]
    given: NDArray[np.str_]
    chains: NDArray[np.int64]
    numbers: NDArray[np.int64]
    insertions: NDArray[np.str_]
    hetero: NDArray[np.bool_]
    sites: NDArray[np.int64]
    stated: NDArray[np.bool_]
    places: NDArray[np.int64]
    entities: NDArray[np.str_]
    segments: NDArray[np.str_]
    chain_names: tuple[ChainName, ...]

    def __len__(self) -> int:
        return len(self.names)

    def number(self, row: int) -> str:
        """Give a residue's number with its insertion code."""
        return f"{self.numbers[row]}{self.insertions[row]}"


@dataclass(eq=False)
class _Piece:
    """A chain that is being gathered: its runs of atoms, and what tells where it ends.

    `numbers` are those of its residues; `seen` the first run of each number and insertion code,
    `merged` the residue of each number, insertion code and component.
    """

    label: str
    segment: str
    section: int
    residues: list[list[int]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    seen: dict[tuple[int, str], int] = field(default_factory=dict)
    merged: dict[tuple[int, str, str], int] = field(default_factory=dict)
    last: int = -1
    polymer: bool = False


def group_residues(
    atoms: AtomTable,
    sections: NDArray[np.int64],
    polymers: frozenset[str] | None,
    ended: bool = False,
) -> tuple[AtomTable, NDArray[np.int64], Residues]:
    """Group atoms into residues and chains.

    Parameters
    ----------
    atoms
        In the order of the file.
    sections
        The section of each, shape (atoms,).
    polymers
        The entities that mmCIF calls polymers; None where nothing is said of entities.
    ended
        Whether an end is marked after the last atom.

    Returns
    -------
    tuple
        The atoms in the order of chains and residues, with their elements; the residue of
        each, ascending, shape (atoms,); and the residues.
    """
    atoms, sections = _without_repeats(atoms, sections)
    runs = Runs(atoms, sections, polymers, ended)
    pieces = _gather(runs)
    kept = [(number, run) for number, piece in enumerate(pieces) for run in piece.residues]
    order = np.concatenate([runs.rows(run) for _, parts in kept for run in parts])
    sizes = [sum(runs.sizes[run] for run in parts) for _, parts in kept]
    atom_residues = np.repeat(np.arange(len(kept)), sizes)
    heads = np.array([runs.starts[parts[0]] for _, parts in kept], dtype=np.int64)
    elements = runs.elements[order]
    ordered = atoms.take(order)
    chains = np.array([number for number, _ in kept], dtype=np.int64)
    numbers = np.array([number for piece in pieces for number in piece.numbers], dtype=np.int64)
    insertions = atoms.insertions[heads]
    changes = (np.diff(chains) != 0) | (np.diff(numbers) != 0) | (insertions[1:] != insertions[:-1])
    places = atoms.places[heads]
    stated = places > 0
    if polymers is not None:
        stated &= np.isin(atoms.entities[heads], sorted(polymers))
    return (
        AtomTable(**{**vars(ordered), "elements": elements}),
        atom_residues,
        Residues(
            np.array([runs.names[parts[0]] for _, parts in kept], dtype=np.str_),
            atoms.components[heads],
            chains,
            numbers,
            insertions,
            atoms.hetero[heads],
            np.concatenate([[0], np.cumsum(changes)]),
            stated,
            places,
            atoms.entities[heads],
            atoms.segments[heads],
            _name(pieces),
        ),
    )


def _without_repeats(
    atoms: AtomTable, sections: NDArray[np.int64]
) -> tuple[AtomTable, NDArray[np.int64]]:
    """Leave out records that stand twice, name, number and place alike."""
    shared = np.flatnonzero(share_place(atoms.positions))
    if not len(shared):
        return atoms, sections
    columns = [
        one[shared].tolist()
        for one in (
            *np.nan_to_num(atoms.positions, nan=np.inf).T,
            *(atoms.chains, atoms.segments, atoms.numbers, atoms.insertions),
            *(atoms.components, atoms.names, atoms.alternatives),
        )
    ]
    kept = np.ones(len(atoms), dtype=bool)
    found = set()
    for row, key in zip(shared.tolist(), zip(*columns, strict=True), strict=True):
        kept[row] = key not in found
        found.add(key)
    return atoms.take(kept), sections[kept]


def _gather(runs: Runs) -> list[_Piece]:
    """Put runs together to residues, and residues to chains."""
    pieces: list[_Piece] = []
    current: dict[str, _Piece] = {}
    for run, label in enumerate(runs.labels):
        piece = current.get(label)
        if piece is None or (runs.polymer[run] and _begins_chain(runs, run, piece)):
            piece = _Piece(label, runs.segments[run], runs.sections[run])
            pieces.append(piece)
            current[label] = piece
        _add(runs, run, piece)
    for piece in pieces:
        _bring_home(runs, piece)
    return pieces


def _bring_home(runs: Runs, piece: _Piece) -> None:
    """Put modified residues that a file lists behind their chain where they are bonded."""
    heads = [parts[0] for parts in piece.residues]
    places = {runs.sites[run]: place for place, run in reversed(list(enumerate(heads)))}

    def bonded(one: int, other: int) -> bool:
        return one >= 0 and other < len(heads) and runs.bonded(heads[one], heads[other])

    after: dict[int, list[int]] = {}
    place = 1
    while place < len(heads):
        first, run = place, heads[place]
        place += 1
        if not (runs.hetero[run] and runs.polymer[run]) or bonded(first - 1, first):
            continue
        while place < len(heads) and runs.hetero[heads[place]] and bonded(place - 1, place):
            place += 1
        (number, _), (last, _) = runs.sites[run], runs.sites[heads[place - 1]]
        before = places.get((number - 1, ""), -1)
        following = places.get((last + 1, ""), len(heads))
        home = before if bonded(before, first) else following - 1
        apart = not first - 1 <= home < place
        if apart and (bonded(before, first) or bonded(place - 1, following)):
            after.setdefault(home, []).extend(range(first, place))
    if not after:
        return
    moved = {one for block in after.values() for one in block}
    order = [
        one
        for place in range(-1, len(heads))
        for one in ([] if place in moved or place < 0 else [place]) + after.get(place, [])
    ]
    piece.residues = [piece.residues[one] for one in order]
    piece.numbers = [piece.numbers[one] for one in order]


def _begins_chain(runs: Runs, run: int, piece: _Piece) -> bool:
    """Tell whether a residue of a polymer begins a chain of its own."""
    last = piece.last
    if last < 0 or runs.bonded(last, run):
        return False
    segments = (runs.segments[last], runs.segments[run])
    ended = runs.ends[run] != runs.ends[last]
    parted = (
        runs.sections[run] != piece.section
        or (all(segments) and len(set(segments)) == 2)
        or (ended and not runs.labels[run])
    )
    if ended or not (runs.labels[run] or runs.marked):
        # In a chain with a name an end that is marked where numbers jump is a loop that was not
        # resolved, if nothing else stands between and it is none too long or too short.
        step = runs.sites[run][0] - runs.sites[last][0]
        parted |= ended and (step == 1 or step > _LONGEST_LOOP)
        parted |= piece.residues[-1][-1] != last or runs.too_far(last, run)
    parted |= runs.closed(last) and (ended or not runs.labels[run])
    # After a chain's end its ligands follow, and among them are free amino acids.
    if runs.hetero[run] and not runs.goes_on(run):
        return False
    return parted or _comes_again(runs, run, piece)


def _comes_again(runs: Runs, run: int, piece: _Piece) -> bool:
    """Tell whether a stretch of bonded residues has a number that its chain has already."""
    for one in runs.stretch(piece.last, run):
        before = piece.seen.get(runs.sites[one])
        if before is not None and runs.held(before) & runs.held(one):
            return not (before == piece.last and _alternative(runs, before, one))
    return False


def _alternative(runs: Runs, one: int, other: int) -> bool:
    """Tell whether two runs of one number stand at one place: two components share it."""
    first = runs.atoms.positions[runs.rows(one)]
    second = runs.atoms.positions[runs.rows(other)]
    gaps = np.linalg.norm(first[:, None] - second[None], axis=2)
    return bool((gaps < 1.0).any())


def _add(runs: Runs, run: int, piece: _Piece) -> None:
    """Add a run to its residue, or as a residue of its own."""
    number, insertion = runs.sites[run]
    key = (number, insertion, runs.names[run])
    place = piece.merged.get(key)
    last = piece.last
    if runs.polymer[run]:
        piece.polymer = True
        piece.last = run
        piece.seen.setdefault(runs.sites[run], run)
    if (
        place is not None
        and runs.names[run] != WATER
        and not any(runs.held(run) & runs.held(other) for other in piece.residues[place])
    ):
        piece.residues[place].append(run)
        return
    if place is not None and runs.polymer[run] and runs.bonded(last, run):
        # Numbers that do not count: one more than the residue's that it is bonded to.
        number = piece.numbers[-1] + 1
    piece.merged.setdefault(key, len(piece.residues))
    piece.residues.append([run])
    piece.numbers.append(number)


def _name(pieces: Sequence[_Piece]) -> tuple[ChainName, ...]:
    """Name chains: as their file does, parted ones so that each has a name of its own."""
    taken = {piece.label for piece in pieces}
    counts: dict[str, int] = {}
    unnamed = sum(piece.polymer for piece in pieces if not piece.label)
    letters = _letters()
    names = []
    for piece in pieces:
        name = piece.label
        if not name and unnamed > 1 and piece.polymer:
            wished = [piece.segment] if piece.segment else []
            name = next(one for one in chain(wished, letters) if one not in taken)
        elif piece.label in counts:
            while name in taken:
                counts[piece.label] += 1
                name = f"{piece.label}-{counts[piece.label]}"
        counts.setdefault(piece.label, 1)
        taken.add(name)
        names.append(ChainName(name, piece.label, piece.section))
    return tuple(names)


def _letters() -> Iterator[str]:
    """Give names for chains without end: A to Z, then AA and so on."""
    for length in count(1):
        for one in product(string.ascii_uppercase, repeat=length):
            yield "".join(one)
