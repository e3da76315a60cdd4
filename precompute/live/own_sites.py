"""All heads of one protein ranked by the attention that goes to a list of residues.

What goes to a residue is the sum over all that attend, whatever the weights; a head's share is
of what it gives to residues, as arcs are between residues, and not to special tokens.

Chance is sets of as many residues that stand apart as these do: the gaps between them, the one
around the ends among them, come in a random order from a random residue on. What neighbours
receive is alike, so that sets of scattered residues vary less than a list whose residues lie
together: the less a null model keeps of how the data lie, the lower its p-values tend to be
(Ferkingstad, Holden and Sandve, Monte Carlo null models for genomic data, Statistical Science 30,
2015). To shift the list around the chain keeps the order of the gaps, too, but there are no more
shifts than residues; they are among the sets here. Every residue is as likely as any other to be
in a set, so that the expected share is the list's share of the chain.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.errors import AtlasError
from precompute.live.arcs import heads_by_residues
from precompute.live.remember import remember
from precompute.live.running.attention import SparseAttention
from precompute.significance import false_discovery

SETS = 1000
"""Random sets a list is compared with."""
COLUMNS = (
    *("rank", "layer", "head", "percent", "times_even", "p_value", "false_discovery"),
    *("arcs", "hits", "arcs_percent"),
)
"""Of the frame of ranked heads."""

_SEED = 0
"""The same list on the same protein has the same numbers, always."""
_UNITS = 1_000_000
"""Attention is summed in whole millionths, so that equal sets have equal sums."""


class Ranked(NamedTuple):
    """Heads ranked by the attention that goes to a list of residues.

    Attributes
    ----------
    frame
        Columns `COLUMNS`, a row a head, heads of layer 1 first: ``percent`` of its attention
        between residues that goes to the list, that over the list's share of the chain, one-sided
        ``p_value`` and ``false_discovery`` over all heads; its arcs, how many end in the
        list (``hits``), and their share, which is that of `precompute.features` for own sites.
    sites, read
        Residues of the list that the model read, and all that it read.
    possible
        How many different sets with these gaps there are, `SETS` at most.
    """

    frame: pd.DataFrame
    sites: int
    read: int
    possible: int


@remember
def rank_by_sites(
    attention: SparseAttention, residues: tuple[int, ...], threshold: float
) -> Ranked:
    """Rank all heads by the attention that goes to a list of residues.

    The p-value is the share of sets that receive as much, the list itself counted among them
    (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010, article 39); the false discovery
    rate is that of Benjamini and Hochberg.

    Parameters
    ----------
    attention
        Of all heads.
    residues
        The list, from 0.
    threshold
        Smallest weight of an arc, for the columns of arcs.

    Raises
    ------
    AtlasError
        When the model read none of them, or no other residue.
    """
    where = np.flatnonzero(attention.read)
    sites = np.flatnonzero(np.isin(where, residues))
    if not len(sites):
        raise AtlasError("The model read none of these residues: choose others.")
    if len(sites) == len(where):
        raise AtlasError(
            "These are all residues that the model read, so that there is nothing to compare "
            "them with: leave some out."
        )
    received = attention.received.reshape(-1, attention.residues)[:, where].astype(np.float64)
    units = np.rint(received * _UNITS)
    members = np.zeros((len(where), SETS + 1))
    members[sites, SETS] = 1
    drawn = random_sets(sites, len(where), SETS)
    members[drawn.T, np.arange(SETS)] = 1
    sums = units @ members  # whole numbers: exact, whatever the order of addition
    own, others = sums[:, SETS], sums[:, :SETS]
    total = units.sum(axis=1)
    known = total > 0
    p_value = np.where(known, (1 + (others >= own[:, None]).sum(axis=1)) / (SETS + 1), np.nan)
    percent = 100 * own / np.where(known, total, np.nan)
    arcs = heads_by_residues(attention, np.array(residues), threshold)
    frame = arcs.rename(columns={"percent": "arcs_percent"}).assign(
        percent=percent,
        times_even=percent * len(where) / (100 * len(sites)),
        p_value=p_value,
        false_discovery=false_discovery(p_value),
        rank=pd.Series(percent).rank(method="first", ascending=False, na_option="bottom"),
    )
    frame["rank"] = frame["rank"].astype(int)
    possible = min(count_sets(sites, len(where)), SETS)
    return Ranked(frame.loc[:, list(COLUMNS)], len(sites), len(where), possible)


def random_sets(sites: NDArray[np.int64], residues: int, sets: int) -> NDArray[np.int64]:
    """Draw sets of residues that have the gaps of a list, each such set as likely.

    Parameters
    ----------
    sites
        The list, ascending, from 0; shape (sites,).
    residues
        Length of the chain.
    sets
        How many.

    Returns
    -------
    numpy.ndarray
        Shape (sets, sites); the same for the same list.
    """
    random = np.random.default_rng(_SEED)
    first = random.integers(residues, size=(sets, 1))
    gaps = random.permuted(np.tile(_gaps(sites, residues), (sets, 1)), axis=1)
    drawn: NDArray[np.int64] = (first + np.cumsum(gaps, axis=1)) % residues
    return drawn


def count_sets(sites: NDArray[np.int64], residues: int) -> int:
    """Count the different sets of residues that have the gaps of a list.

    A first residue and an order of the gaps make one; each is made from each of its residues.
    """
    orders = math.factorial(len(sites))
    for count in Counter(_gaps(sites, residues).tolist()).values():
        orders //= math.factorial(count)
    return residues * orders // len(sites)


def _gaps(sites: NDArray[np.int64], residues: int) -> NDArray[np.int64]:
    """Give the steps from each residue of a list to the next, the last around the ends."""
    gaps: NDArray[np.int64] = np.diff(sites, append=sites[0] + residues)
    return gaps
