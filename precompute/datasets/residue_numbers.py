"""Residue numbers of the PDB format, which has four columns for them.

Above 9,999 programs write hybrid-36 (cctbx), hexadecimal of two sorts (VMD counts on, OpenMM
from ``A000``), stars, or begin anew at 0. Which of these a text is, only the number before it
tells: residues are taken in their order, and of the readings the one that counts on.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST = 9_999
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,4}")
_DIGITS_UPPER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def decode_numbers(
    texts: NDArray[np.str_],
    insertions: NDArray[np.str_],
    pieces: NDArray[np.int64],
    keys: Sequence[NDArray[np.str_]],
    names: NDArray[np.str_],
    alternatives: NDArray[np.str_],
    positions: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Read residue numbers, and insertion codes beside them.

    Parameters
    ----------
    texts, insertions
        What stands in columns 23 to 26 and 27 of each atom, shape (atoms,).
    pieces
        Counts the ends of chains, shape (atoms,).
    keys
        What else is the same within a residue: chain and residue name; each (atoms,).
    names, alternatives, positions
        Of the atoms: where a number cannot be read, an atom that comes again tells that
        another residue has begun.

    Returns
    -------
    tuple of numpy.ndarray
        Numbers and insertion codes, shape (atoms,).
    """
    # Five digits reach into the column of insertion codes, which are letters.
    five = np.char.isdecimal(insertions) & (np.char.str_len(texts) == 4) & np.char.isdecimal(texts)
    if five.any():
        texts = np.where(five, np.char.add(texts, insertions), texts)
        insertions = np.where(five, "", insertions)
    try:
        numbers = texts.astype(np.int64)
    except (ValueError, OverflowError):
        numbers = None
    if numbers is not None and numbers.max(initial=0) < _LARGEST:
        return numbers, insertions
    starts = _starts(
        [texts, insertions, pieces.astype(np.str_), *keys], names, alternatives, positions
    )
    chains = keys[0]
    found = np.empty(len(starts), dtype=np.int64)
    previous: tuple[Any, Any] | None = None
    number, text, style = 0, "", ""
    for place, start in enumerate(starts.tolist()):
        current = (chains[start], pieces[start])
        if current != previous:
            number, style = _first(str(texts[start]), number if previous else 0), ""
        elif str(texts[start]) != text or _readings(text).get(style or "decimal") != number:
            number, style = _next(str(texts[start]), number, style)
        previous, text = current, str(texts[start])
        found[place] = number
    sizes = np.diff([*starts, len(texts)])
    return np.repeat(found, sizes), insertions


def _starts(
    keys: Sequence[NDArray[Any]],
    names: NDArray[np.str_],
    alternatives: NDArray[np.str_],
    positions: NDArray[np.float64],
) -> NDArray[np.int64]:
    """List where residues begin: where a key changes, or the first atom comes again."""
    changed = np.ones(len(names), dtype=bool)
    changed[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    bounds = [*np.flatnonzero(changed).tolist(), len(names)]
    starts = []
    for first, end in itertools.pairwise(bounds):
        starts.append(first)
        again = (
            (names[first + 1 : end] == names[first])
            & (alternatives[first + 1 : end] == alternatives[first])
            & ~(positions[first + 1 : end] == positions[first]).all(axis=1)
        )
        # One record that stands twice is no residue: most of the atoms must come again.
        for place in (np.flatnonzero(again) + first + 1).tolist():
            before, after = set(names[starts[-1] : place]), set(names[place:end])
            if 2 * len(before & after) >= len(before) and (len(before) > 1 or len(after) == 1):
                starts.append(place)
    return np.array(starts, dtype=np.int64)


def _plain(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+", text) is not None


def _first(text: str, before: int) -> int:
    """Read the number of a chain's first residue."""
    if _plain(text):
        return int(text)
    readings = _readings(text)
    if before + 1 in readings.values():
        return before + 1
    return min(readings.values(), default=before + 1)


def _next(text: str, before: int, style: str) -> tuple[int, str]:
    """Read the number after another one, and say in which style it is written."""
    readings = _readings(text)
    if before < _LARGEST and "decimal" in readings:
        return readings["decimal"], ""
    # The style of the chain's earlier numbers first, then whichever counts on.
    for name in (style, *readings):
        if readings.get(name) == before + 1:
            return before + 1, name
    if style in readings and readings[style] > before:
        return readings[style], style
    if _plain(text) and before >= _LARGEST and (before + 1) % (_LARGEST + 1) == int(text):
        return before + 1, style
    later = {name: number for name, number in readings.items() if number > before}
    if later and before >= _LARGEST:
        name = min(later, key=lambda one: later[one])
        return later[name], name
    if "decimal" in readings:
        return readings["decimal"], ""
    if readings and before < _LARGEST:
        return next(iter(readings.values())), next(iter(readings))
    return before + 1, style


def _readings(text: str) -> dict[str, int]:
    """Give what a text may mean, by the style of writing."""
    readings = {}
    if _plain(text):
        readings["decimal"] = int(text)
    if len(text) == 4 and text.isascii() and text.isalnum():
        for letters, low, high in (
            (_DIGITS_UPPER, 10, 0),
            (_DIGITS_UPPER.lower(), 10, 26 * 36**3),
        ):
            if all(sign in letters for sign in text) and text[0].isalpha():
                value = sum(letters.index(sign) * 36**i for i, sign in enumerate(text[::-1]))
                readings["hybrid-36"] = value - low * 36**3 + _LARGEST + 1 + high
        if _HEXADECIMAL.fullmatch(text):
            readings["hexadecimal"] = int(text, 16)
            if text[0].isalpha():
                readings["hexadecimal from A000"] = int(text, 16) - 0xA000 + _LARGEST + 1
    return readings
