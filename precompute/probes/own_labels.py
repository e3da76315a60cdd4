"""Labels of the user's own: a list of residues (`own_sites`) whose classes a probe tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.datasets.own_sites import Sites, find_residues, read_sites
from precompute.errors import AtlasError
from precompute.one_line import one_line
from precompute.probes.tasks import UNKNOWN, Task

MOST_CLASSES = 50


@dataclass(frozen=True, eq=False)
class OwnLabels:
    """What a file says.

    Attributes
    ----------
    sites
        Its lines.
    task
        The property: its classes in alphabetical order.
    """

    sites: Sites
    task: Task


def read_labels(path: Path) -> OwnLabels:
    """Read a file as `read_sites` does; every line has a class.

    Raises
    ------
    AtlasError
        Saying what cannot be used, and in which line.
    """
    sites = read_sites(path)
    classes = sorted({site.kind for site in sites.sites})
    if without := next((site for site in sites.sites if not site.kind), None):
        raise AtlasError(
            f"{sites.file}, line {without.line}, has no class: write chain, residue and class, and "
            "leave out residues of which nothing is known."
        )
    if not 2 <= len(classes) <= MOST_CLASSES:
        shown = ", ".join(one_line(kind)[:40] for kind in classes[:3])
        raise AtlasError(
            f"{sites.file} has {len(classes):,} class{'' if len(classes) == 1 else 'es'} "
            f"({shown}{' …' if len(classes) > 3 else ''}): a probe tells 2 to {MOST_CLASSES} apart."
        )
    name = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in path.stem)[:60]
    task = Task(f"own:{name}", name, tuple(classes), "accuracy", in_paper=False)
    return OwnLabels(sites, task)


def lay_labels(own: OwnLabels, chains: Sequence[Chain], label: str) -> dict[int, NDArray[np.int64]]:
    """Lay labels on chains.

    Parameters
    ----------
    own
        The labels.
    chains
        All chains of the data, whole.
    label
        What the data are called.

    Returns
    -------
    dict
        Classes of the residues of each chain that is named, by its place, `UNKNOWN` where none is
        given; shape (residues,).

    Raises
    ------
    AtlasError
        Naming the first line whose chain or residue is not there, or a residue of two classes.
    """
    classes = {kind: place for place, kind in enumerate(own.task.classes)}
    found: dict[int, NDArray[np.int64]] = {}
    for number, site, places in find_residues(chains, own.sites, label):
        labels = found.setdefault(number, np.full(len(chains[number]), UNKNOWN, dtype=np.int64))
        earlier = labels[places]
        if ((earlier != UNKNOWN) & (earlier != classes[site.kind])).any():
            raise AtlasError(
                f"{own.sites.file}, line {site.line}: a residue of "
                f"{one_line(chains[number].identifier)} has the class {one_line(site.kind)[:40]} "
                "here and another elsewhere: leave one."
            )
        labels[places] = classes[site.kind]
    return found
