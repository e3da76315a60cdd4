"""A pair as it is run: two sequences, cut, and what is known of their residues together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.chains import ONE_STRUCTURE, Chains
from precompute.features import CONTACT_DISTANCE
from precompute.protein_pairs.chosen import Numbers
from precompute.protein_pairs.cutting import cut_pair

Residues = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two proteins in one input.

    Attributes
    ----------
    number
        Its place among the pairs of the run, from 0.
    names
        What the dataset calls them.
    first, second
        Residues that are read.
    cut
        How many residues of each were left out.
    relation
        What they are to one another; of `precompute.datasets.chains.RELATIONS`.
    aligned
        Residues of both that stand in one column of their family, shape (columns, 2); None where
        nothing aligns the two.
    contacts
        Residues of both whose C-alpha atoms are less than 8 Å apart, shape (contacts, 2); None
        where they are not of one structure.
    resolved
        Of each whether a residue's coordinates are known, shape (residues,); None as above.
    """

    number: int
    names: tuple[str, str]
    first: str
    second: str
    cut: tuple[int, int]
    relation: str
    aligned: Residues | None = None
    contacts: Residues | None = None
    resolved: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None

    @property
    def sequence(self) -> str:
        """Both, one behind the other: as long as what is run."""
        return self.first + self.second

    @property
    def title(self) -> str:
        """What to call it in messages."""
        return f"{self.names[0]} with {self.names[1]}"

    @property
    def starts(self) -> list[int]:
        """Where its windows begin: it is one."""
        return [0]

    @property
    def rows(self) -> int:
        """Rows of an alignment that is read: there is none."""
        return 1

    @property
    def columns(self) -> int:
        """Residues that are read."""
        return len(self.first) + len(self.second)

    def identity(self) -> float | None:
        """Share of the aligned residues that are equal; None where none are aligned."""
        if self.aligned is None or not len(self.aligned):
            return None
        equal = sum(self.first[one] == self.second[other] for one, other in self.aligned)
        return equal / len(self.aligned)


def make_pair(
    chains: Chains, number: int, chosen: Numbers, most: int, *, together: bool = True
) -> Pair:
    """Read two chains and what is known of both together.

    Parameters
    ----------
    chains
        The dataset.
    number
        The pair's place in the run.
    chosen
        The chains.
    most
        Residues that are read: of both together, or of each.
    together
        Which of the two.
    """
    one, other = chains[chosen.first], chains[chosen.second]
    lengths = (
        cut_pair(len(one), len(other), most)
        if together
        else (min(len(one), most), min(len(other), most))
    )
    same = chains.group(chosen.first) == chains.group(chosen.second)
    relation = chains.related[0 if same else 1]
    aligned = chains.aligned(*chosen)
    contacts, resolved = None, None
    if relation == ONE_STRUCTURE:
        first, second = one.first(lengths[0]), other.first(lengths[1])
        if first.alpha_carbons is not None and second.alpha_carbons is not None:
            assert first.resolved is not None
            assert second.resolved is not None
            resolved = first.resolved, second.resolved
            contacts = contacts_between((first.alpha_carbons, second.alpha_carbons), resolved)
    return Pair(
        number,
        (one.identifier, other.identifier),
        one.sequence[: lengths[0]],
        other.sequence[: lengths[1]],
        (len(one) - lengths[0], len(other) - lengths[1]),
        relation,
        None if aligned is None else aligned[(aligned < lengths).all(1)],
        contacts,
        resolved,
    )


def contacts_between(
    alpha_carbons: Sequence[NDArray[np.floating]], resolved: Sequence[NDArray[np.bool_]]
) -> Residues:
    """Find the residues of two chains of one structure whose C-alpha atoms are near each other.

    The distance is that of contacts within a chain (8 Å); there is no separation to ask for.

    Parameters
    ----------
    alpha_carbons
        Of each chain, in Å, shape (residues, 3).
    resolved
        Of each chain whether they are known, shape (residues,).

    Returns
    -------
    numpy.ndarray
        Residues of the first and of the second chain, shape (contacts, 2).
    """
    from scipy.spatial.distance import cdist

    near = cdist(*alpha_carbons) < CONTACT_DISTANCE
    near &= resolved[0][:, None] & resolved[1]
    return np.argwhere(near).astype(np.int64)
