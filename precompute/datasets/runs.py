"""Runs of atoms that bear the same names, and what tells whether two are of one chain."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

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


class Runs:
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
        _, labels = np.unique(atoms.chains, return_inverse=True)
        self.placed = is_placed(atoms, run_of, labels * (atoms.pieces.max() + 1) + atoms.pieces)
        self._names: list[str] = atoms.names.tolist()
        self._positions: list[list[float]] = atoms.positions.tolist()
        self._first = {name: self._find_first(name, run_of) for name in ("N", "C")}
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
        names, numbers = self._names, self.elements.tolist()
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
        # An end after all of the water is what a program writes that knows of no chains.
        following = [*self.ends[1:], self.ends[-1] + ended]
        found = [run for run, polymer in enumerate(self.polymer) if polymer]
        self.marked = len({self.ends[run] for run in found}) > 1 or any(
            self.ends[run] != following[run] for run in found
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
        # Nearly every residue is bonded to the next by the first location of its atoms.
        end, start = self._first["C"][one], self._first["N"][other]
        if min(end, start) >= 0:
            gap = math.dist(self._positions[end], self._positions[start])
            if gap <= LARGEST_BOND:
                return True
        ends, starts = self._places(one, ("C", "O3'", "O3*")), self._places(other, ("N", "P"))
        if len(ends) and len(starts):
            return _distance(ends, starts) <= LARGEST_BOND
        return _distance(self._places(one, ("CA",)), self._places(other, ("CA",))) <= _LARGEST_STEP

    def too_far(self, one: int, other: int) -> bool:
        """Tell whether a chain of as many residues as the numbers say cannot join two runs."""
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
        """List a run and those that are of its chain.

        They are bonded one after the other, or, where its number is smaller than the last one's,
        have ever larger numbers.
        """
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

    def _find_first(self, name: str, run_of: NDArray[np.int64]) -> list[int]:
        """Find the first atom of a name in every run that has a place, −1 where there is none."""
        rows = np.flatnonzero((self.atoms.names == name) & self.placed)[::-1]
        found = np.full(len(self.starts), -1, dtype=np.int64)
        found[run_of[rows]] = rows
        return [int(row) for row in found]

    def _places(self, run: int, names: tuple[str, ...]) -> NDArray[np.float64]:
        # Residues have a dozen atoms, and for so few lists are ten times as quick as arrays.
        first = int(self.starts[run])
        rows = range(first, first + int(self.sizes[run]))
        chosen = [row for row in rows if self._names[row] in names and self.placed[row]]
        found: NDArray[np.float64] = self.atoms.positions[chosen]
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
