"""Labels of the user's own: a table of chains, residues and classes."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.probes.tasks import UNKNOWN, Task

COLUMNS = ("chain", "residue", "class")
MOST_CLASSES = 50
MOST_BYTES = 200 * 10**6
_MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class OwnLabels:
    """What a file says.

    Attributes
    ----------
    path
        The file.
    task
        The property: its classes in alphabetical order.
    residues
        For each chain the class of each residue, by the residue's number as it stands there.
    sha256
        Of the file.
    """

    path: Path
    task: Task
    residues: Mapping[str, Mapping[str, int]]
    sha256: str


def read_labels(path: Path) -> OwnLabels:
    """Read a CSV file with a head of `COLUMNS`; others may stand beside them.

    Raises
    ------
    AtlasError
        Saying what cannot be used, and in which line.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise AtlasError(
                f"{path} has more than {MOST_BYTES // 10**6} MB, which no labels have: "
                "name another."
            )
        data = path.read_bytes()
    except OSError as error:
        raise AtlasError(
            f"The labels {path} cannot be read ({error.strerror or error}); name a CSV file."
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AtlasError(f"{path} is no text in UTF-8; write it as a CSV file.") from error
    reader = csv.DictReader(text.splitlines())
    try:
        return _read(path, reader, hashlib.sha256(data).hexdigest())
    except csv.Error as error:
        raise AtlasError(
            f"{path} is no CSV file (line {reader.line_num}: {error}); write it with a head of "
            f"{', '.join(COLUMNS)}."
        ) from error


def _read(path: Path, reader: csv.DictReader[str], sha256: str) -> OwnLabels:
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise AtlasError(
            f"{path} lacks the column {' and '.join(missing)}: the first line names the columns, "
            f"{', '.join(COLUMNS)}, with commas between."
        )
    found: dict[str, dict[str, str]] = {}
    for row in reader:
        chain, residue, label = ((row[name] or "").strip() for name in COLUMNS)
        if not (chain and residue and label):
            raise AtlasError(
                f"{path} has no {'class' if chain and residue else 'chain or residue'} in line "
                f"{reader.line_num}: leave out residues of which nothing is known."
            )
        earlier = found.setdefault(chain, {}).setdefault(residue, label)
        if earlier != label:
            raise AtlasError(
                f"{path} has two classes of residue {residue} of {chain[:60]}, {earlier[:40]} and "
                f"{label[:40]}: leave one."
            )
    classes = sorted({label for own in found.values() for label in own.values()})
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise AtlasError(
            f"{path} has {len(classes):,} class{'' if len(classes) == 1 else 'es'} "
            f"({', '.join(one[:40] for one in classes[:3])}{' …' if len(classes) > 3 else ''}): a "
            f"probe tells 2 to {MOST_CLASSES} apart."
        )
    name = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in path.stem)[:60]
    task = Task(f"own:{name}", path.stem[:60], tuple(classes), "accuracy", in_paper=False)
    places = {label: place for place, label in enumerate(classes)}
    return OwnLabels(
        path,
        task,
        {c: {r: places[label] for r, label in own.items()} for c, own in found.items()},
        sha256,
    )


def lay_labels(
    own: OwnLabels, chains: Sequence[Chain], known: Sequence[str]
) -> dict[int, NDArray[np.int64]]:
    """Lay labels on chains.

    Parameters
    ----------
    own
        The labels; a residue is named by its author's number with the insertion code, or counted
        from 1 where the data have no numbers.
    chains
        Those that are probed; the others may have labels too.
    known
        Identifiers of all chains of the data.

    Returns
    -------
    dict
        Classes of the residues of each labelled chain, by its place; shape (residues,).

    Raises
    ------
    AtlasError
        Naming chains or residues that are not there.
    """
    strange = sorted(set(own.residues) - set(known))
    if strange:
        raise AtlasError(
            f"{own.path} has labels of {_named(strange, 'chain')}, which the data do not hold; "
            f"theirs are called {', '.join(list(known)[:2])} and so on."
        )
    found: dict[int, NDArray[np.int64]] = {}
    unknown: list[str] = []
    for place, chain in enumerate(chains):
        wanted = own.residues.get(chain.identifier)
        if wanted is None:
            continue
        numbers = (
            [str(number) for number in range(1, len(chain) + 1)]
            if chain.numbers is None
            else list(chain.numbers)
        )
        places = {number: row for row, number in enumerate(numbers) if number}
        unknown += [f"{one} of {chain.identifier}" for one in wanted if one not in places]
        labels = np.full(len(chain), UNKNOWN, dtype=np.int64)
        for residue, label in wanted.items():
            if residue in places:
                labels[places[residue]] = label
        found[place] = labels
    if unknown:
        raise AtlasError(
            f"{own.path} has labels of {_named(unknown, 'residue')}, which the data do not hold: "
            "a residue is named by its author's number with the insertion code, such as 27A"
            + (" (here, counted from 1)." if chains[0].numbers is None else ".")
        )
    return found


def _named(names: Sequence[str], what: str) -> str:
    shown = ", ".join(name[:60] for name in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"the {what}{'s' if len(names) > 1 else ''} {shown}" + (
        f" and {more:,} more" if more > 0 else ""
    )
