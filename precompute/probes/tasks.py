"""What probes read from a model: classes of residues, and contacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.features import DSSP_CLASSES, SECONDARY_STRUCTURES

UNKNOWN = -1
"""The class of a residue of which none is known."""

THREE_CLASSES = ("helix", "strand", "other")
"""DSSP's GHI, BE and the rest, as TAPE's ``ss3``."""


@dataclass(frozen=True)
class Task:
    """One property that a probe reads.

    Attributes
    ----------
    name, label
        Identifier in tables and addresses; what a reader sees.
    classes
        What a residue or pair can be; of two the second is the property.
    score
        How it is scored.
    needs
        The properties of a dataset (`precompute.datasets.Dataset`) that it is made of; empty
        for labels of the user's own.
    in_paper
        Whether the paper's protocol has it.
    """

    name: str
    label: str
    classes: tuple[str, ...]
    score: str
    needs: str = ""
    in_paper: bool = True

    @property
    def of_pairs(self) -> bool:
        """Whether it is a property of pairs of residues."""
        return self.name == "contact"


_TWO = ("other", "property")

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        *(
            Task(f"secondary_structure:{name}", label, _TWO, "F1", f"secondary_structure:{name}")
            for name, label in (
                ("helix", "Helix"),
                ("strand", "Strand"),
                ("turn_bend", "Turn/bend"),
            )
        ),
        Task(
            "secondary_structure_3",
            "3 classes",
            THREE_CLASSES,
            "accuracy",
            "secondary_structure:helix",
            in_paper=False,
        ),
        Task(
            "secondary_structure_8",
            "8 classes",
            tuple(DSSP_CLASSES),
            "accuracy",
            "secondary_structure:helix",
            in_paper=False,
        ),
        Task("binding_site", "Binding site", _TWO, "precision at L/20", "binding_site"),
        Task("contact", "Contact", _TWO, "precision at L/5", "contact"),
    )
}
"""Every task by name."""


def label_of(name: str) -> str:
    """Give what a reader sees of a task; of one's own labels and of others' names their letters."""
    if name in TASKS:
        return TASKS[name].label
    own = name.removeprefix("own:")[:60]
    return "".join(sign if sign.isalnum() or sign in "_- " else "_" for sign in own) or "_"


def residue_labels(task: Task, chain: Chain) -> NDArray[np.int64]:
    """Give the class of each residue, `UNKNOWN` where it is not resolved or not labelled.

    Parameters
    ----------
    task
        One of residues in `TASKS`.
    chain
        With the labels that it needs.

    Returns
    -------
    numpy.ndarray
        Places in `Task.classes`, shape (residues,).
    """
    group, _, own = task.name.partition(":")
    if group == "binding_site":
        assert chain.binding_site is not None
        found = chain.binding_site.astype(np.int64)
    elif group == "secondary_structure_8":
        found = np.full(len(chain), UNKNOWN) if chain.dssp is None else chain.dssp.astype(np.int64)
    else:
        assert chain.secondary_structure is not None
        four = chain.secondary_structure.astype(np.int64)
        if group == "secondary_structure_3":
            found = np.minimum(four, len(THREE_CLASSES) - 1)
        else:
            found = np.where(four < 0, UNKNOWN, four == SECONDARY_STRUCTURES.index(own))
    for known in (chain.resolved, chain.labelled):
        if known is not None:
            found = np.where(known, found, UNKNOWN)
    return found


def pair_labels(
    chain: Chain, there: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give the pairs of which it is known whether they are contacts, each once.

    Parameters
    ----------
    chain
        With coordinates.
    there
        Which residues the model has tokens of, shape (residues,).

    Returns
    -------
    tuple of numpy.ndarray
        First and second residue, from 0, the first before the second; and 1 for a contact, else
        0; each of shape (pairs,).
    """
    states = chain.contact_states()
    if states is None:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    first, second = np.nonzero(np.triu(states >= 0, 1) & there[:, None] & there)
    return first, second, states[first, second].astype(np.int64)
