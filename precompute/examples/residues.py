"""The residues of an entry's chains, with those that were not resolved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from precompute.datasets.dssp import LARGEST_PEPTIDE_BOND
from precompute.datasets.polymer import ProteinChain
from precompute.datasets.structure_model import Model
from precompute.errors import AtlasError

SMALLEST_COPY = 30
"""Residues that two chains must share to be taken for copies of one molecule."""


class Residue(NamedTuple):
    """A residue of a chain; `row` is its place in the model, −1 where it is not there."""

    component: str
    number: int
    insertion: str
    row: int

    @property
    def key(self) -> tuple[int, str]:
        """What the authors call it."""
        return self.number, self.insertion


def list_residues(model: Model, chain: ProteinChain) -> list[Residue]:
    """List the residues of a chain as its atoms name them.

    Raises
    ------
    AtlasError
        When the file states residues that its atoms do not name.
    """
    residues = []
    for row in chain.residues.tolist():
        if row < 0:
            raise AtlasError(f"Chain {chain.name} has residues that its atoms do not name.")
        _, number, insertion = model.residue_ids[row]
        residues.append(Residue(model.residue_names[row], number, insertion, row))
    return residues


def complete_copies(chains: Sequence[Sequence[Residue]]) -> list[list[Residue]]:
    """Add the residues that a chain lacks and a copy of it has.

    The files name no residues without coordinates. Chains that have the same component under
    every number that they share, at least `SMALLEST_COPY`, are copies of one molecule: a
    residue that one of them shows is in the others too, and was not resolved there.
    """
    known = [{residue.key: residue for residue in chain} for chain in chains]
    completed = []
    for own in known:
        found = dict(own)
        for other in known:
            shared = own.keys() & other.keys()
            copies = len(shared) >= SMALLEST_COPY and all(
                own[key].component == other[key].component for key in shared
            )
            # Only where numbers ascend do they say where a residue belongs.
            if copies and list(own) == sorted(own) and list(other) == sorted(other):
                for key in other.keys() - found.keys():
                    found[key] = other[key]._replace(row=-1)
        order = list(found) if len(found) == len(own) else sorted(found)
        completed.append([found[key] for key in order])
    return completed


def missing_before(model: Model, residues: Sequence[Residue]) -> list[int]:
    """Count the numbers left out where the peptide bond to the residue before is broken."""
    gaps = [0]
    for one, other in pairwise(residues):
        gap = 0
        if one.row >= 0 and other.row >= 0:
            ends = model.backbone[one.row, 2], model.backbone[other.row, 0]
            bond = np.linalg.norm(model.positions[ends[0]] - model.positions[ends[1]])
            if min(ends) >= 0 and bond > LARGEST_PEPTIDE_BOND:
                gap = max(other.number - one.number - 1, 0)
        gaps.append(gap)
    return gaps
