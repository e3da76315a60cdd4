"""A visitor's own list of residues of the protein on the page, such as ``A:45, A:67-72``."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.live.getting.protein import Protein, plain
from precompute.live.remember import remember

LONGEST_LIST = 2000
"""Characters of a list; an address has room for it."""

_NUMBER = r"-?\d+[A-Za-z]?"
_PART = re.compile(rf"({_NUMBER})(?:(?:-|:|\.\.)({_NUMBER}))?")
_JOINS = re.compile(r"\s*(-|:|\.\.)\s*")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def parse_residues(text: str, protein: Protein) -> NDArray[np.int64]:
    """Read a choice of residues such as ``45-60, A:72, 80A``, in the authors' numbers.

    Parameters
    ----------
    text
        Numbers with their insertion codes, and ranges; the chain may stand before each.
    protein
        Whose residues they are.

    Returns
    -------
    numpy.ndarray
        Residues from 0, ascending, each once.

    Raises
    ------
    AtlasError
        When it is too long or no list of numbers, or the chain has no such residue.
    """
    if len(text) > LONGEST_LIST:
        raise AtlasError(
            f"The list of residues has {len(text):,} characters, and {LONGEST_LIST:,} are read: "
            "write neighbours as ranges, such as 45-60."
        )
    places: dict[str, int] = {}
    for place, number in enumerate(protein.numbers):
        if number:
            places.setdefault(protein.number(place), place)
    chosen: set[int] = set()
    joined = _JOINS.sub(r"\1", text.translate(_DASHES))
    for part in filter(None, re.split(r"[,;\s]+", joined)):
        whose, numbers = _whose(part, protein)
        match = _PART.fullmatch(numbers)
        if match is None:
            raise AtlasError(
                f"“{plain(part, 20)}” is no residue: write numbers and ranges, such as 45-60, 72."
            )
        ends = [f"{whose}{number}" for number in (match[1], match[2] or match[1])]
        for end in ends:
            if end not in places:
                raise AtlasError(
                    f"There is no residue {plain(end, 20)} in this chain; it has "
                    f"{next(iter(places), '')} to {next(reversed(places), '')}."
                )
        first, last = sorted(places[end] for end in ends)
        chosen.update(range(first, last + 1))
    return np.array(sorted(chosen), dtype=np.int64)


def _whose(part: str, protein: Protein) -> tuple[str, str]:
    """Take a chain's name from before a residue, or a range's two; refuse another chain's.

    Returns
    -------
    tuple of str
        Of two proteins whose it is, as their residues' numbers begin; and the rest.
    """
    own = protein.tags or ((protein.chain_name,) if protein.chain_name is not None else ())
    for name in own:
        if part.startswith(f"{name}:"):
            rest = part.removeprefix(f"{name}:").replace(f"-{name}:", "-")
            return f"{name}:" if protein.tags else "", rest
    if protein.tags:
        raise AtlasError(
            f"“{plain(part, 20)}” does not say of which protein: write {protein.tags[0]}:45-60, "
            f"{protein.tags[1]}:72."
        )
    chain, colon, rest = part.rpartition(":")
    # 2:6 is a range, unless a chain is called 2.
    a_range = _PART.fullmatch(part) is not None and chain not in protein.chains
    if not colon or a_range or not _PART.fullmatch(rest):
        return "", part
    if not own:
        raise AtlasError(f"A sequence has no chains: write {rest} without {plain(chain, 20)}.")
    what = "is not the one shown" if chain in protein.chains else "is not in this structure"
    shown = plain(own[0], 20)
    raise AtlasError(
        f"The chain {plain(chain, 20)} {what}: residues are those of chain {shown}, such "
        f"as {shown}:{next(filter(None, protein.numbers), '1')}."
    )


@remember
def with_sites(protein: Protein, residues: tuple[int, ...]) -> Protein:
    """Give the protein with a list of residues as its own sites, a property like any other.

    Parameters
    ----------
    protein
        As it was read.
    residues
        From 0; none leaves the protein as it is.
    """
    if not residues:
        return protein
    labels = np.zeros(len(protein), dtype=np.int8)
    labels[list(residues)] = 1
    chain = protein.chain or Chain(protein.identifier, protein.sequence)
    return replace(protein, chain=replace(chain, own_site=labels))
