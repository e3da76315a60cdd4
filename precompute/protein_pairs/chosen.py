"""Which pairs are measured: those that a file names, or drawn by a seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from precompute.datasets.chains import Chains
from precompute.errors import AtlasError
from precompute.long_names import refuse_long_names
from precompute.one_line import one_line

MOST_PAIRS = 50_000
"""Of one run."""
SHORTEST = 20
"""Residues of the shortest protein that is drawn: the shortest in the training of PLUS."""
_MOST_BYTES = 64 * 1024**2
_TRIES = 50
_NAMED = 5


class Numbers(NamedTuple):
    """A pair by its chains' numbers in a dataset."""

    first: int
    second: int


def read_pairs(path: Path, chains: Chains) -> list[Numbers]:
    """Read a file of pairs.

    A line names two chains as the dataset calls them, or a structure and two of its chains, in
    quotes or not; between them are blanks, commas, semicolons or tabs. Empty lines, what begins
    with ``#``, and a pair that an earlier line names in the same order are passed over.

    Parameters
    ----------
    path
        The file.
    chains
        The dataset.

    Raises
    ------
    AtlasError
        Naming the line that is no pair, the chains that are not there, or how many pairs there are
        at most.
    """
    asked = list(_lines(path))
    if not asked:
        raise AtlasError(f"{path} names no pair: write two identifiers a line.")
    if len(asked) > MOST_PAIRS:
        raise AtlasError(
            f"{path} names {len(asked):,} pairs, and a run measures at most {MOST_PAIRS:,}: give "
            "fewer, in several files if need be."
        )
    numbers: dict[str, int] = {}
    for number, name in enumerate(chains.identifiers()):
        numbers.setdefault(name, number)
    pairs = [_resolve(line, names, numbers, path) for line, names in asked]
    absent = [name for names in pairs for name in names if name not in numbers]
    if absent:
        missing = list(dict.fromkeys(absent))
        named = ", ".join(one_line(name)[:60] for name in missing[:_NAMED])
        more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
        example = next(iter(numbers))
        raise AtlasError(
            f"{path} names chains that the data do not hold: {named}{more}; they are called like "
            f"{one_line(example)[:60]}."
        )
    refuse_long_names(name for names in pairs for name in names)
    return list(dict.fromkeys(Numbers(numbers[one], numbers[other]) for one, other in pairs))


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Split each line that says something; its number is kept for messages."""
    from precompute.datasets.text import decode

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise AtlasError(f"{path} has more than {_MOST_BYTES // 1024**2} MB: give fewer pairs.")
        text = decode(path.read_bytes())
    except OSError as error:
        raise AtlasError(
            f"{path} cannot be read as a file of pairs ({error.strerror or error})."
        ) from error
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        own = line.strip()
        if own and not own.startswith("#"):
            found.append((number, _split(own)))
    return found


def _split(line: str) -> list[str]:
    """Part a line's names, as spreadsheets write them too, which put them in quotes."""
    sign = next((sign for sign in ("\t", ",", ";") if sign in line), None)
    parts = [part.strip() for part in line.split(sign)]
    parts = [part[1:-1].strip() if re.fullmatch('".+"', part) else part for part in parts]
    return [part for part in parts if part]


def _resolve(
    line: int, names: Sequence[str], numbers: Mapping[str, int], path: Path
) -> tuple[str, str]:
    """Give the two chains of a line: two identifiers, or a structure and two of its chains."""
    if len(names) == 3 and names[0] not in numbers:
        names = [f"{names[0]}.{chain}" for chain in names[1:]]
    if len(names) != 2:
        what = "one chain" if len(names) == 1 else f"{len(names)} names"
        raise AtlasError(
            f"Line {line} of {path} has {what}: write two identifiers a line, or a structure and "
            "two of its chains."
        )
    if names[0] == names[1]:
        raise AtlasError(
            f"Line {line} of {path} pairs {one_line(names[0])[:60]} with itself: name two chains."
        )
    return names[0], names[1]


def draw_pairs(chains: Chains, count: int, seed: int) -> list[Numbers]:
    """Draw pairs, by turns of one group and of two; a group is a family or a structure.

    Groups are drawn evenly, then chains of them, with `SHORTEST` residues or more and no two of
    one sequence. What is drawn is decided by SHA-256 over the seed and the pair's number, so that
    fewer pairs are the beginning of more.

    Parameters
    ----------
    chains
        A dataset that knows groups.
    count
        How many pairs.
    seed
        Seed.

    Raises
    ------
    AtlasError
        When the dataset knows no groups, or too few to draw that many different pairs.
    """
    if count > MOST_PAIRS:
        raise AtlasError(
            f"{count:,} pairs are asked for, and a run measures at most {MOST_PAIRS:,}."
        )
    groups: dict[str, list[int]] = {}
    for number in range(len(chains)):
        groups.setdefault(chains.group(number), []).append(number)
    names = sorted(groups)
    several = [name for name in names if len(groups[name]) > 1]
    if not names[0] or len(names) < 2 or not several:
        raise AtlasError(
            "Pairs can be drawn from families or structures alone, of which there are two or more, "
            "with two chains in one of them: give --pairs a file that names them."
        )
    drawn: dict[Numbers, None] = {}
    for place in range(count):
        for attempt in range(_TRIES):
            key = f"{seed}:{place}:{attempt}"
            if place % 2 == 0:
                one = other = several[_number(f"{key}:group", len(several))]
            else:
                at = _number(f"{key}:group", len(names))
                one = names[at]
                other = names[(at + 1 + _number(f"{key}:other", len(names) - 1)) % len(names)]
            pair = Numbers(
                groups[one][_number(f"{key}:first", len(groups[one]))],
                groups[other][_number(f"{key}:second", len(groups[other]))],
            )
            if pair not in drawn and Numbers(*pair[::-1]) not in drawn and _fit(chains, pair):
                drawn[pair] = None
                break
        else:
            raise AtlasError(
                f"The data hold too few different pairs to draw {count:,} of them: ask for fewer."
            )
    return list(drawn)


def _fit(chains: Chains, pair: Numbers) -> bool:
    """Tell whether two chains are long enough and of two sequences."""
    if pair.first == pair.second:
        return False
    one, other = chains[pair.first].sequence, chains[pair.second].sequence
    return min(len(one), len(other)) >= SHORTEST and one != other


def _number(key: str, below: int) -> int:
    """Draw a number below another, the same on every machine."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest(), "big") % below
