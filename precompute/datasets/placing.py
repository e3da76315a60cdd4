"""Where the resolved residues of a chain stand in the sequence that SEQRES records state.

The PDB format does not say it. Pieces between breaks of the chain are looked up in the
sequence, and where a piece fits in several places, as in repeats and linkers, residue numbers
and what REMARK 465 names as missing decide. An alignment serves where no piece fits exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SMALLEST_AGREEMENT = 0.9
"""Share of the resolved residues that a stated sequence must name as they are."""

_MOST_PLACES = 100
"""Of one piece; with more, as in a sequence of one letter, nothing is looked up."""

_MOST_CELLS = 100_000_000
"""Of an alignment's table, a byte each: 10,000 residues in a sequence of as many."""

_NUMBER = re.compile(r"(-?\d+)([A-Za-z]?)")


def place_by_pieces(
    full: Sequence[str],
    components: Sequence[str],
    numbers: Sequence[str],
    missing: Sequence[tuple[str, str]],
    broken: NDArray[np.bool_],
) -> list[float] | None:
    """Place residues exactly, or not at all.

    Of all ways to lay the pieces into the sequence in their order, the one is taken in which
    the fewest steps between residues differ from the steps of their numbers; then the one
    whose unresolved residues are those that are named as missing; then the one whose places
    are the numbers themselves.

    Parameters
    ----------
    full
        Components of the whole sequence.
    components, numbers
        Of the resolved residues, in order; numbers with insertion codes.
    missing
        Component and number of residues without coordinates, where the file names them.
    broken
        Whether the chain is broken before a residue, shape (resolved residues,).

    Returns
    -------
    list of float or None
        The place of each residue in `full`, from 0; None where a piece is nowhere in it.
    """
    merged = _merge(full, components, numbers, missing)
    if merged is not None:
        return list(merged)
    pieces = _cut(components, numbers, broken)
    starts = [_find(full, components[first:end]) for first, end in pieces]
    if not all(0 < len(one) <= _MOST_PLACES for one in starts):
        return None
    chosen = _choose(pieces, starts, numbers, broken)
    if chosen is None:
        return None
    return [
        float(start + step)
        for (first, end), start in zip(pieces, chosen, strict=True)
        for step in range(end - first)
    ]


def place_by_alignment(
    full: Sequence[str], components: Sequence[str], broken: NDArray[np.bool_]
) -> list[float] | None:
    """Place residues by aligning them with a sequence, gaps where bonds are missing.

    Returns
    -------
    list of float or None
        The place of each residue in `full`, from 0, and half a place before the next one for a
        residue that the sequence lacks; None where the sequence is of something else, or the
        two are too long to be aligned.
    """
    import gemmi

    if len(full) * len(components) > _MOST_CELLS:
        return None

    scoring = gemmi.AlignmentScoring("p")
    # A gap costs less where the chain is broken, and nothing at its ends.
    gaps = [scoring.good_gapo if one else scoring.bad_gapo for one in broken.tolist()]
    result = gemmi.align_string_sequences(
        list(full), list(components), [scoring.good_gapo, *gaps[1:], scoring.good_gapo], scoring
    )
    places: list[float] = []
    place, agreeing = 0, 0
    for count, operation in re.findall(r"(\d+)([MID])", result.cigar_str()):
        for _ in range(int(count)):
            if operation == "D":
                places.append(place - 0.5)
                continue
            if operation == "M":
                agreeing += full[place] == components[len(places)]
                places.append(place)
            place += 1
    return places if agreeing >= _SMALLEST_AGREEMENT * len(components) else None


def _merge(
    full: Sequence[str],
    components: Sequence[str],
    numbers: Sequence[str],
    missing: Sequence[tuple[str, str]],
) -> list[int] | None:
    """Lay resolved and missing residues side by side by number, where that gives the sequence."""
    if not missing or len(missing) + len(components) != len(full):
        return None
    resolved = [_NUMBER.fullmatch(number) for number in numbers]
    absent = [_NUMBER.fullmatch(number) for _, number in missing]
    if not all(resolved) or not all(absent):
        return None
    keys = [
        (int(one[1]), one[2], place < len(resolved), place)
        for place, one in enumerate([*resolved, *absent])
        if one is not None
    ]
    names = [*components, *(component for component, _ in missing)]
    ordered = sorted(keys)
    if [names[key[3]] for key in ordered] != list(full):
        return None
    places = {key[3]: place for place, key in enumerate(ordered)}
    found = [places[one] for one in range(len(components))]
    return found if found == sorted(found) else None


def _cut(
    components: Sequence[str], numbers: Sequence[str], broken: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Cut the residues at the chain's breaks and where numbers jump."""
    values = [int(match[1]) if (match := _NUMBER.fullmatch(one)) else 0 for one in numbers]
    cuts = [
        place
        for place in range(1, len(components))
        if broken[place] or values[place] - values[place - 1] not in (0, 1)
    ]
    return list(zip([0, *cuts], [*cuts, len(components)], strict=True))


def _find(full: Sequence[str], piece: Sequence[str]) -> list[int]:
    """List where a piece stands in the sequence."""
    codes = {name: code for code, name in enumerate(dict.fromkeys([*full, *piece]))}
    whole = np.array([codes[name] for name in full])
    own = np.array([codes[name] for name in piece])
    if len(own) > len(whole):
        return []
    possible = np.flatnonzero(whole[: len(whole) - len(own) + 1] == own[0])
    for step in range(1, len(own)):
        possible = possible[whole[possible + step] == own[step]]
        if not len(possible):
            break
    return [int(start) for start in possible]


def _choose(
    pieces: Sequence[tuple[int, int]],
    starts: Sequence[Sequence[int]],
    numbers: Sequence[str],
    broken: NDArray[np.bool_],
) -> list[int] | None:
    """Choose a start for every piece, in order, with the fewest contradictions to the numbers."""
    values = [int(match[1]) if (match := _NUMBER.fullmatch(one)) else 0 for one in numbers]
    # A way's cost: steps that differ from those of numbers, then how far they do, then how far
    # the first place is from its number.
    first = pieces[0][0]
    ways: dict[int, tuple[tuple[int, int, int], list[int]]] = {
        start: ((0, 0, abs(start + 1 - values[first])), [start]) for start in starts[0]
    }
    for (before, end), (begin, _), places in zip(pieces, pieces[1:], starts[1:], strict=False):
        further: dict[int, tuple[tuple[int, int, int], list[int]]] = {}
        for start in places:
            best = None
            for other, (cost, path) in ways.items():
                step = start - (other + end - before - 1)
                if step < 1 or (step > 1 and not broken[begin]):
                    continue
                off = abs(step - (values[begin] - values[end - 1]))
                total = (cost[0] + (off > 0), cost[1] + off, cost[2])
                if best is None or total < best[0]:
                    best = (total, [*path, start])
            if best is not None:
                further[start] = best
        ways = further
    return min(ways.values())[1] if ways else None
