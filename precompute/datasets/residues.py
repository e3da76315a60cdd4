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
from itertools import chain, count, pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable
from precompute.datasets.components import WATER, is_polymer_name, stands_for
from precompute.datasets.elements import complete_elements
from precompute.datasets.placed import is_placed

LARGEST_BOND = 2.0
"""Å between two atoms of neighbouring residues that are bonded: 1.33 for a peptide bond,
1.6 for a phosphodiester; more than 2.4 between atoms that are not."""

_LARGEST_STEP = 4.5
"""Å between C-alpha atoms of neighbours: 3.8, and more where the geometry is bad."""

_NUCLEOTIDE = 7.5
"""Å between C4' atoms of neighbours."""

_ROOM = 6.0
"""Å that a chain may be torn apart in a bad model."""

_MOST_INSERTED = 26
"""Residues that may stand between two numbers of which one has an insertion code."""

_LAST_OXYGENS = ("OXT", "OT2", "OC2")


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
    runs = _Runs(atoms, sections, polymers, ended)
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
    places, inverse = np.unique(atoms.positions, axis=0, return_inverse=True)
    if len(places) == len(atoms):
        return atoms, sections
    shared = np.flatnonzero(np.bincount(inverse.ravel())[inverse.ravel()] > 1)
    columns = [
        one[shared].tolist()
        for one in (
            inverse.ravel(),
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


class _Runs:
    """Atoms that follow each other and bear the same names: a residue, or a part of one."""

    def __init__(
        self,
        atoms: AtomTable,
        sections: NDArray[np.int64],
        polymers: frozenset[str] | None,
        ended: bool,
    ) -> None:
        keys = (
            *(atoms.chains, atoms.segments, atoms.pieces, atoms.numbers, atoms.insertions),
            *(atoms.components, sections),
        )
        changed = np.ones(len(atoms), dtype=bool)
        changed[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
        self.atoms = atoms
        self.starts = np.array(
            _where_atoms_come_again(atoms, np.flatnonzero(changed).tolist()), dtype=np.int64
        )
        self.sizes = np.diff([*self.starts.tolist(), len(atoms)])
        run_of = np.repeat(np.arange(len(self.starts)), self.sizes)
        given = atoms.components[self.starts].tolist()
        self.elements = complete_elements(atoms, run_of, given)
        self.placed = is_placed(atoms, run_of)
        self.labels: list[str] = atoms.chains[self.starts].tolist()
        self.segments: list[str] = atoms.segments[self.starts].tolist()
        self.ends: list[int] = atoms.pieces[self.starts].tolist()
        self.sections: list[int] = sections[self.starts].tolist()
        self.hetero: list[bool] = atoms.hetero[self.starts].tolist()
        self.sites: list[tuple[int, str]] = list(
            zip(
                atoms.numbers[self.starts].tolist(),
                atoms.insertions[self.starts].tolist(),
                strict=True,
            )
        )
        self.names: list[str] = []
        self.polymer: list[bool] = []
        entities = atoms.entities[self.starts].tolist()
        stated = (atoms.places[self.starts] > 0).tolist()
        names, numbers = atoms.names.tolist(), self.elements.tolist()
        judged: dict[tuple[str, tuple[str, ...], tuple[int, ...]], tuple[str, bool]] = {}
        for run, (start, end) in enumerate(pairwise([*self.starts.tolist(), len(atoms)])):
            key = (given[run], tuple(names[start:end]), tuple(numbers[start:end]))
            if key not in judged:
                judged[key] = _judge(*key)
            name, polymer = judged[key]
            if polymers is not None and stated[run]:
                polymer = polymer and entities[run] in polymers
            self.names.append(name)
            self.polymer.append(polymer)
        following = [*self.ends[1:], self.ends[-1] + ended]
        # An end after all water is what a program writes that knows of no chains.
        self.marked = any(
            polymer and end != after
            for polymer, end, after in zip(self.polymer, self.ends, following, strict=True)
        )

    def rows(self, run: int) -> NDArray[np.int64]:
        """Give the atoms of a run."""
        return np.arange(self.starts[run], self.starts[run] + self.sizes[run])

    def held(self, run: int) -> set[tuple[str, str]]:
        """Give names and alternate locations of a run's atoms."""
        part = slice(self.starts[run], self.starts[run] + self.sizes[run])
        return set(
            zip(
                self.atoms.names[part].tolist(), self.atoms.alternatives[part].tolist(), strict=True
            )
        )

    def closed(self, run: int) -> bool:
        """Tell whether a run has the second oxygen of a chain's last residue."""
        rows = self.rows(run)
        return bool(np.isin(self.atoms.names[rows], _LAST_OXYGENS).any())

    def bonded(self, one: int, other: int) -> bool:
        """Tell whether a run's C is a bond's length from another's N, or its O3' from a P.

        Where these are not there, as in a trace, the C-alpha atoms tell.
        """
        ends, starts = self._places(one, ("C", "O3'", "O3*")), self._places(other, ("N", "P"))
        if len(ends) and len(starts):
            return _distance(ends, starts) <= LARGEST_BOND
        return _distance(self._places(one, ("CA",)), self._places(other, ("CA",))) <= _LARGEST_STEP

    def too_far(self, one: int, other: int) -> bool:
        """Tell whether a chain cannot lead from one run to another by as many residues as their
        numbers say."""
        (first, insertion), (last, further) = self.sites[one], self.sites[other]
        step = last - first + (_MOST_INSERTED if insertion or further else 0)
        if step <= 0:
            return True
        for names, length in ((("CA",), _LARGEST_STEP), (("C4'", "C4*"), _NUCLEOTIDE)):
            distance = _distance(self._places(one, names), self._places(other, names))
            if np.isfinite(distance):
                return distance > step * length + _ROOM
        return False

    def stretch(self, last: int, run: int) -> Iterator[int]:
        """List a run and those that are of its chain: bonded one after the other, or, where its
        number is smaller than the one before it, with ever larger numbers."""
        back = self.sites[run] < self.sites[last]
        yield run
        while self.goes_on(run) or (back and self._counts_up(run)):
            run += 1
            yield run

    def _counts_up(self, run: int) -> bool:
        following = run + 1
        return (
            following < len(self.labels)
            and self.labels[following] == self.labels[run]
            and self.ends[following] == self.ends[run]
            and self.polymer[following]
            and self.sites[following] > self.sites[run]
        )

    def goes_on(self, run: int) -> bool:
        """Tell whether the next run is of the same chain and bonded to this one."""
        return (
            run + 1 < len(self.labels)
            and self.labels[run + 1] == self.labels[run]
            and self.polymer[run + 1]
            and self.bonded(run, run + 1)
        )

    def _places(self, run: int, names: tuple[str, ...]) -> NDArray[np.float64]:
        rows = self.rows(run)
        chosen = self.placed[rows] & np.isin(self.atoms.names[rows], names)
        found: NDArray[np.float64] = self.atoms.positions[rows[chosen]]
        return found


def _distance(some: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Give the smallest distance in Å, infinite where there is none."""
    gaps = np.linalg.norm(some[:, None] - others[None], axis=2)
    return float(gaps.min(initial=np.inf))


def _judge(given: str, names: tuple[str, ...], elements: tuple[int, ...]) -> tuple[str, bool]:
    """Give the component that a residue is, and whether it may be one of a polymer."""
    heavy = [place for place, element in enumerate(elements) if element != 1]
    if {"N", "CA", "C"} <= set(names):
        # What has no element there is a site of a force field: a lone pair, a virtual mass.
        heavy = [place for place in heavy if elements[place]]
    held = frozenset(names[place] for place in heavy)
    name = stands_for(given, held, frozenset(elements[place] for place in heavy))
    return name, name != WATER and (is_polymer_name(name) or {"N", "CA", "C"} <= held)


def _where_atoms_come_again(atoms: AtomTable, starts: list[int]) -> list[int]:
    """Part runs of one name and number in which all atoms come again: two residues."""
    sizes = np.diff([*starts, len(atoms)])
    first = np.repeat(starts, sizes)
    again = (atoms.names == atoms.names[first]) & (atoms.alternatives == atoms.alternatives[first])
    again[starts] = False
    if not again.any():
        return starts
    suspects = set(first[again].tolist())
    parted = []
    for start, end in pairwise([*starts, len(atoms)]):
        parted.append(start)
        if start not in suspects:
            continue
        for place in (np.flatnonzero(again[start:end]) + start).tolist():
            before = set(atoms.names[parted[-1] : place].tolist())
            after = set(atoms.names[place:end].tolist())
            # One record that stands twice is no residue: most of the atoms must come again.
            if len(before) > 1 and 2 * len(before & after) >= len(before):
                parted.append(place)
    return parted


def _gather(runs: _Runs) -> list[_Piece]:
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
    return pieces


def _begins_chain(runs: _Runs, run: int, piece: _Piece) -> bool:
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
        # resolved, if nothing else stands between and a loop reaches so far.
        counts_on = ended and runs.sites[run][0] == runs.sites[last][0] + 1
        parted |= counts_on or piece.residues[-1][-1] != last or runs.too_far(last, run)
    parted |= runs.closed(last) and (ended or not runs.labels[run])
    # After a chain's end its ligands follow, and among them are free amino acids.
    if runs.hetero[run] and not runs.goes_on(run):
        return False
    return parted or _comes_again(runs, run, piece)


def _comes_again(runs: _Runs, run: int, piece: _Piece) -> bool:
    """Tell whether a stretch of bonded residues has a number that its chain has already."""
    for one in runs.stretch(piece.last, run):
        before = piece.seen.get(runs.sites[one])
        if before is not None and runs.held(before) & runs.held(one):
            return not (before == piece.last and _alternative(runs, before, one))
    return False


def _alternative(runs: _Runs, one: int, other: int) -> bool:
    """Tell whether two runs of one number stand at one place: two components share it."""
    first = runs.atoms.positions[runs.rows(one)]
    second = runs.atoms.positions[runs.rows(other)]
    gaps = np.linalg.norm(first[:, None] - second[None], axis=2)
    return bool((gaps < 1.0).any())


def _add(runs: _Runs, run: int, piece: _Piece) -> None:
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
