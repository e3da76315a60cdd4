"""Two proteins looked at together: one behind the other, with what is known of both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.live.getting.beside import Laid, lay_beside
from precompute.live.getting.protein import Protein
from precompute.live.remember import remember
from precompute.protein_pairs.item import contacts_between

_UNKNOWN: dict[str, float | bool] = {
    "alpha_carbons": np.nan,
    "resolved": False,
    "secondary_structure": -1,
    "dssp": -1,
    "binding_site": False,
    "modification": False,
    "own_site": -1,
}
"""What stands in a chain's labels where it has none."""
_TAG = re.compile(r"[A-Za-z0-9_.-]{1,12}")


@dataclass(frozen=True, eq=False, kw_only=True)
class JoinedChain(Chain):
    """Labels of two chains, one behind the other.

    Parameters
    ----------
    states
        As `contact_states` gives them. Between two chains of one structure no distance in the
        sequence is asked for; between others nothing is known (−1).
    """

    states: NDArray[np.int8] | None = None

    def contact_states(self) -> NDArray[np.int8] | None:
        """State of every ordered pair; see `Chain.contact_states`."""
        return self.states


@dataclass(frozen=True, eq=False, kw_only=True)
class ProteinPair(Protein):
    """Two proteins; residues of the second are numbered behind those of the first.

    Parameters
    ----------
    first_residues
        How many the first has.
    two_tags
        What their residues are told apart by: chains of one structure, or short names.
    names
        What to call the two.
    two_chains
        Their chains in `structure`; empty for one without a structure.
    one_structure
        Whether they lie as in one structure; else they stand beside each other.
    """

    first_residues: int
    two_tags: tuple[str, str]
    names: tuple[str, str]
    two_chains: tuple[str, str]
    one_structure: bool

    @property
    def boundary(self) -> int | None:
        """Where the second begins."""
        return self.first_residues

    @property
    def tags(self) -> tuple[str, ...]:
        """What their residues are told apart by."""
        return self.two_tags

    @property
    def shown_chains(self) -> tuple[str, ...]:
        """Chains of `structure` that they are."""
        return tuple(chain for chain in self.two_chains if chain)

    def own_place(self, residue: int) -> tuple[int, int]:
        """Give which of the two a residue is of, 0 or 1, and its place there, from 0."""
        second = residue >= self.first_residues
        return int(second), residue - second * self.first_residues

    def place(self, residue: int) -> str:
        """Say where a residue stands in its own sequence."""
        which, place = self.own_place(residue)
        return f"residue {place + 1} of {self.names[which]}"

    def number(self, residue: int) -> str:
        """Give whose residue it is and its authors' number: ``B:52A``."""
        which, place = self.own_place(residue)
        return f"{self.tags[which]}:{self.numbers[residue] or f'#{place + 1}'}"

    def label(self, residue: int) -> str:
        """Name a residue with its protein: ``B:K52A``."""
        tag, number = self.number(residue).split(":", 1)
        return f"{tag}:{self.sequence[residue]}{number}"


def is_one_structure(first: Protein, second: Protein) -> bool:
    """Tell whether two chains lie in one structure, as a complex does."""
    told = ((own.source, own.identifier, own.atoms) for own in (first, second))
    return next(told) == next(told) and first.view is not None and second.chain_name in first.chains


def pair_proteins(first: Protein, second: Protein) -> ProteinPair:
    """Put two proteins together.

    Raises
    ------
    AtlasError
        When both are one chain.
    """
    if is_one_structure(first, second) and first.chain_name == second.chain_name:
        raise AtlasError(
            f"Both are chain {first.chain_name} of {first.identifier}: choose another chain or "
            "another protein."
        )
    return _pair(first, second)


@remember
def _pair(first: Protein, second: Protein) -> ProteinPair:
    """Make a pair once, so that it is one object; it keeps neither of the two."""
    one = is_one_structure(first, second)
    laid = lay_beside(first, second, one_structure=one)
    names = tuple(
        f"{own.identifier}, chain {own.chain_name}" if own.chain_name else own.identifier
        for own in (first, second)
    )
    public = not (first.private or second.private)
    return ProteinPair(
        identifier=f"{_short(first)} with {_short(second)}",
        title="",
        source=first.source if public else "pair",
        sequence=first.sequence + second.sequence,
        numbers=first.numbers + second.numbers,
        chain=_join(first, second, laid, one),
        structure=laid.text,
        structure_format=laid.kind,
        residue_keys=laid.keys,
        view=laid.view,
        sample="n = 1 pair of proteins",
        first_residues=len(first),
        two_tags=_tags(first, second, one),
        names=(names[0], names[1]),
        two_chains=laid.chains,
        one_structure=one,
    )


def _short(own: Protein) -> str:
    return f"{own.identifier}.{own.chain_name}" if own.chain_name else own.identifier


def _tags(first: Protein, second: Protein, one_structure: bool) -> tuple[str, str]:
    """Choose short names that mean nothing in markup, two of them."""
    if one_structure:
        return first.chain_name or "1", second.chain_name or "2"
    names = first.identifier, second.identifier
    good = names[0] != names[1] and all(_TAG.fullmatch(name) for name in names)
    return names if good else ("1", "2")


def _join(first: Protein, second: Protein, laid: Laid, one_structure: bool) -> JoinedChain:
    """Lay the labels of both behind one another; what one lacks is unknown of it."""
    both = [own.chain or Chain(own.identifier, own.sequence) for own in (first, second)]
    sizes = [len(own) for own in both]
    labels: dict[str, Any] = {}
    for name, unknown in _UNKNOWN.items():
        own = [getattr(chain, name) for chain in both]
        known = [values for values in own if values is not None]
        if known:
            parts = [
                np.full((size, *known[0].shape[1:]), unknown) if values is None else values
                for values, size in zip(own, sizes, strict=True)
            ]
            labels[name] = np.concatenate(parts)
    labelled = [
        chain.labelled
        if chain.labelled is not None
        else np.full(size, chain.binding_site is not None or chain.modification is not None)
        for chain, size in zip(both, sizes, strict=True)
    ]
    states = _states(both, one_structure)
    if "alpha_carbons" in labels:
        labels["alpha_carbons"][sizes[0] :] += laid.shift  # the concatenation is nobody else's
    return JoinedChain(
        f"{_short(first)} with {_short(second)}",
        first.sequence + second.sequence,
        labelled=np.concatenate(labelled),
        states=states,
        **labels,
    )


def _states(both: list[Chain], one_structure: bool) -> NDArray[np.int8] | None:
    """Give the contacts within both, and between two chains of one structure."""
    own = [chain.contact_states() for chain in both]
    if all(states is None for states in own):
        return None
    first = len(both[0])
    joined = np.full((first + len(both[1]),) * 2, -1, dtype=np.int8)
    for states, start in zip(own, (0, first), strict=True):
        if states is not None:
            end = start + len(states)
            joined[start:end, start:end] = states
    placed = [
        (chain.alpha_carbons, chain.resolved)
        for chain in both
        if chain.alpha_carbons is not None and chain.resolved is not None
    ]
    if one_structure and len(placed) == 2:
        carbons, resolved = zip(*placed, strict=True)
        between = np.where(resolved[0][:, None] & resolved[1], 0, -1).astype(np.int8)
        near = contacts_between(carbons, resolved)
        between[near[:, 0], near[:, 1]] = 1
        joined[:first, first:] = between
        joined[first:, :first] = between.T
    return joined
