"""What is asked of a probing, and the proteins with labels of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.one_line import one_line
from precompute.probes.own_labels import OwnLabels, lay_labels
from precompute.probes.tasks import TASKS, UNKNOWN, Task, residue_labels
from precompute.settings import Settings

if TYPE_CHECKING:
    from precompute.drawn import Sample

CORRECTED, PAPER = "corrected", "paper"
PROTOCOLS = (CORRECTED, PAPER)


@dataclass(frozen=True)
class Probing:
    """What is asked for.

    Attributes
    ----------
    tasks
        Names in `TASKS`; all that the data have labels of when it is empty.
    sources
        Some of `SOURCES`; all that the model has when it is empty.
    protocols
        Some of `PROTOCOLS`.
    budget
        Most bytes of features on disk, in 10⁹.
    labels
        The user's own, which are probed in place of tasks.
    """

    tasks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    protocols: tuple[str, ...] = PROTOCOLS
    budget: float = 20.0
    labels: OwnLabels | None = None


@dataclass(frozen=True, eq=False)
class Data:
    """The proteins of a probing.

    Attributes
    ----------
    chains
        Each with a label and a sequence of its own, cut to the longest input.
    tasks
        What is read.
    labels
        By task of residues, the classes of each chain's residues.
    left_out
        How many chains were left out or cut, by reason.
    """

    chains: tuple[Chain, ...]
    tasks: tuple[Task, ...]
    labels: dict[str, list[NDArray[np.int64]]]
    left_out: dict[str, int]


def choose_tasks(asked: Sequence[str], sample: Sample) -> tuple[Task, ...]:
    """Choose tasks: those asked for, else all that the data have labels of.

    Parameters
    ----------
    asked
        Names, or their part before the colon, such as ``secondary_structure`` for all of it.
    sample
        The proteins.

    Raises
    ------
    AtlasError
        Naming a task that there is not, or that the data have no labels of.
    """
    there = [
        task
        for task in TASKS.values()
        if task.needs in sample.dataset.properties
        and (
            task.name != "secondary_structure_8"
            or any(chain.dssp is not None for chain in sample.chains)
        )
    ]
    if not there:
        raise AtlasError(
            f"{sample.dataset.label} has labels of nothing that is probed: choose another "
            "--dataset, or give --labels."
        )
    chosen: dict[str, Task] = {}
    for name in asked:
        own = {
            task.name: task
            for task in there
            if task.name == name or (name == "secondary_structure" and task.name.startswith(name))
        }
        if not own:
            raise AtlasError(
                f"There is no task {name} for {sample.dataset.label}; there are "
                f"{', '.join(task.name for task in there)}."
            )
        chosen |= own
    return tuple(chosen.values()) or tuple(there)


def label_own(sample: Sample, labels: OwnLabels | None) -> dict[str, NDArray[np.int64]]:
    """Lay own labels on all chains of the data, also those that a model cannot read.

    Returns
    -------
    dict
        Classes of each named chain's residues, by the chain's identifier; see `lay_labels`.

    Raises
    ------
    AtlasError
        When a chain or residue is not there, or another chain has a named one's name.
    """
    if labels is None:
        return {}
    by_name: dict[str, tuple[str, NDArray[np.int64]]] = {}
    for place, own in lay_labels(labels, sample.chains, sample.dataset.label).items():
        chain = sample.chains[place]
        sequence, earlier = by_name.setdefault(chain.identifier, (chain.sequence, own))
        if chain.sequence != sequence or not np.array_equal(own, earlier):
            raise AtlasError(
                f"{labels.sites.file} names {one_line(chain.identifier)[:40]}, and two different "
                f"chains of {sample.dataset.label} are called so: give them names of their own."
            )
    return {name: own for name, (_, own) in by_name.items()}


def gather(
    sample: Sample,
    probing: Probing,
    settings: Settings,
    own: Mapping[str, NDArray[np.int64]],
) -> Data:
    """Take the proteins that have labels, each sequence once, cut to the longest input.

    Parameters
    ----------
    sample
        Whole chains.
    probing, settings
        What is asked for.
    own
        Of `label_own`.

    Raises
    ------
    AtlasError
        When the data have no labels of what is asked for, or not the residues of own labels.
    """
    longest = settings.max_length - 2
    if probing.labels:
        tasks: tuple[Task, ...] = (probing.labels.task,)
    else:
        tasks = choose_tasks(probing.tasks, sample)
    seen: set[str] = set()
    chains: list[Chain] = []
    labels: dict[str, list[NDArray[np.int64]]] = {task.name: [] for task in tasks}
    left_out = {"proteins without a label": 0, "chains whose sequence an earlier one has": 0}
    cut = 0
    for whole in sample.chains:
        chain = whole.first(longest)
        found = {
            task.name: own.get(whole.identifier, np.full(len(whole), UNKNOWN))[: len(chain)]
            if probing.labels
            else residue_labels(task, chain)
            for task in tasks
            if not task.of_pairs
        }
        known = any((one != UNKNOWN).any() for one in found.values())
        resolved = chain.resolved is not None and chain.resolved.any()
        if not known and not (resolved and any(task.of_pairs for task in tasks)):
            left_out["proteins without a label"] += 1
        elif chain.sequence in seen:
            left_out["chains whose sequence an earlier one has"] += 1
        elif settings.proteins is None or len(chains) < settings.proteins:
            seen.add(chain.sequence)
            chains.append(chain)
            cut += len(whole) > longest
            for name, one in found.items():
                labels[name].append(one)
    return Data(
        tuple(chains), tasks, labels, {**left_out, "proteins cut to the longest input": cut}
    )
