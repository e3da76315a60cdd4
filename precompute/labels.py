"""What a chain knows of its residues and pairs, laid out for counting.

A single-residue property is a column of a matrix, so that one product counts them all.
A pair's properties (contact state and offset) are one small number, so that one
histogram counts them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.features import FEATURES, MAXIMUM_OFFSET, SECONDARY_STRUCTURES
from precompute.windows import pairs_in_one_token, pairs_together

OFFSET_STATES = 2 * MAXIMUM_OFFSET + 2
"""−10 … +10 as 0 … 20, and 21 for what is further."""

CONTACT_STATES = 3
"""Not eligible, no contact, contact: −1, 0, 1 of `Chain.contact_states`, plus one."""

PAIR_STATES = CONTACT_STATES * OFFSET_STATES


@dataclass(frozen=True)
class FeatureSet:
    """The features that one pass measures, split into those of residues and of pairs.

    Attributes
    ----------
    names
        What is measured.
    causal
        Whether a residue attends to none behind it: then no pair that points there is
        eligible for anything.
    token_of
        Numbers the token of each residue of what is read at once, where a token may be several
        residues: then those of one token attend to each other, also where `causal`.
    window
        Residues of a window where chains are read in windows: then no pair is eligible that
        stands together in none.
    """

    names: tuple[str, ...]
    causal: bool = False
    window: int | None = None
    token_of: Callable[[str], NDArray[np.int64]] | None = None

    @cached_property
    def residue_names(self) -> tuple[str, ...]:
        """Features of the attended residue."""
        return tuple(name for name in self.names if FEATURES[name].target == "residue")

    @cached_property
    def pair_names(self) -> tuple[str, ...]:
        """Features of the pair."""
        return tuple(name for name in self.names if FEATURES[name].target == "pair")

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Where each name stands among residue features followed by pair features."""
        laid_out = [*self.residue_names, *self.pair_names]
        return np.array([laid_out.index(name) for name in self.names])

    @cached_property
    def pair_tables(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For each pair state whether it hits, and is eligible for, each pair feature.

        Returns
        -------
        tuple of numpy.ndarray
            Two 0/1 matrices of shape (PAIR_STATES, pair features).
        """
        hit = np.zeros((CONTACT_STATES, OFFSET_STATES, len(self.pair_names)))
        eligible = np.zeros_like(hit)
        for column, name in enumerate(self.pair_names):
            if name == "contact":
                hit[2, :, column] = 1
                eligible[1:, :, column] = 1
            else:
                offset = name.removeprefix("offset:")
                if self.causal and self.token_of is None and offset.startswith("+"):
                    continue
                state = OFFSET_STATES - 1 if offset == "far" else int(offset) + MAXIMUM_OFFSET
                hit[:, state, column] = 1
                eligible[:, :, column] = 1
        shape = (PAIR_STATES, len(self.pair_names))
        return hit.reshape(shape), eligible.reshape(shape)

    def residue_tables(self, chain: Chain) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For each residue whether it hits, and is eligible for, each residue feature.

        Returns
        -------
        tuple of numpy.ndarray
            Two 0/1 matrices of shape (residues, residue features).
        """
        letters = np.frombuffer(chain.sequence.encode("ascii"), dtype=np.uint8)
        hit = np.zeros((len(chain), len(self.residue_names)))
        eligible = np.zeros_like(hit)
        for column, name in enumerate(self.residue_names):
            group, _, value = name.partition(":")
            if group == "amino_acid":
                hit[:, column] = letters == ord(value)
                eligible[:, column] = letters != ord("X")
            elif group == "secondary_structure":
                classes = _required(chain.secondary_structure, chain, name)
                hit[:, column] = classes == SECONDARY_STRUCTURES.index(value)
                eligible[:, column] = classes >= 0
            elif group == "own_site":
                marks = _required(chain.own_site, chain, name)
                hit[:, column] = marks == 1
                eligible[:, column] = marks >= 0
            else:
                labels = _required(getattr(chain, group), chain, name)
                hit[:, column] = labels
                eligible[:, column] = 1 if chain.labelled is None else chain.labelled
        return hit, eligible

    def pair_states(self, chain: Chain) -> NDArray[np.int64]:
        """State of every ordered pair; shape (residues, residues)."""
        position = np.arange(len(chain))
        offset = position[None, :] - position[:, None]
        states = np.where(
            np.abs(offset) <= MAXIMUM_OFFSET, offset + MAXIMUM_OFFSET, OFFSET_STATES - 1
        )
        if "contact" in self.pair_names:
            contacts = _required(chain.contact_states(), chain, "contact")
            states += OFFSET_STATES * (contacts.astype(np.int64) + 1)
        return states

    def attended_states(self, chain: Chain) -> NDArray[np.int64]:
        """State of every ordered pair of which there is attention; shape (pairs,)."""
        states = self.pair_states(chain)
        if self.causal:
            ahead = np.triu(np.ones(states.shape, dtype=bool), 1)
            if self.token_of is not None:
                ahead[pairs_in_one_token(chain.sequence, self.token_of, self.window)] = False
            states[ahead] = -1
        if self.window is not None and len(chain) > self.window:
            states[~pairs_together(len(chain), self.window)] = -1
        return states[states >= 0]


def background_counts(
    chains: Sequence[Chain], features: FeatureSet
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count residues and ordered pairs that have, and may have, each feature.

    Parameters
    ----------
    chains
        The very residues that heads are measured on: truncate them first.

    Returns
    -------
    tuple of numpy.ndarray
        Positives and eligible, shape (features,), in the order of ``features.names``.
    """
    pair_hit, pair_eligible = features.pair_tables
    positives = np.zeros(len(features.names), dtype=np.int64)
    eligible = np.zeros_like(positives)
    for chain in chains:
        hit, may = features.residue_tables(chain)
        states = np.bincount(features.attended_states(chain), minlength=PAIR_STATES)
        both = np.concatenate([hit.sum(0), states @ pair_hit])
        either = np.concatenate([may.sum(0), states @ pair_eligible])
        positives += both[features.order].astype(np.int64)
        eligible += either[features.order].astype(np.int64)
    return positives, eligible


def published_background(chains: Iterable[Chain], feature: str) -> tuple[int, int]:
    """Count one feature over whole chains as the paper's background does.

    Parameters
    ----------
    chains
        Every chain of the data file, cut to what the paper counts of it.
    feature
        ``contact``, ``binding_site`` or ``modification``.

    Returns
    -------
    tuple of int
        Positives, and positives plus negatives.
    """
    positives = eligible = 0
    for chain in chains:
        if feature == "contact":
            states = _required(chain.contact_states(), chain, feature)
            positives += int(np.count_nonzero(states == 1))
            eligible += int(np.count_nonzero(states >= 0))
        else:
            positives += int(np.count_nonzero(getattr(chain, feature)))
            eligible += len(chain)
    return positives, eligible


def _required(labels: NDArray[Any] | None, chain: Chain, name: str) -> NDArray[Any]:
    if labels is None:
        raise ValueError(f"the chain {chain.identifier} carries no {name}")
    return labels
