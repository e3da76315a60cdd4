"""What is remembered of an object goes with it, and holds nobody else's."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass

from precompute.live.arcs import labelled_chain
from precompute.live.getting.protein import Protein
from precompute.live.remember import MOST, remember


@dataclass(frozen=True, eq=False)
class Alone:
    """Something that is equal to itself alone, as attention and proteins are."""

    name: str


def test_a_result_is_of_equal_arguments_and_of_the_object_itself() -> None:
    asked = []

    @remember
    def join(owner: Alone, other: Alone, number: int | None) -> str:
        asked.append((owner.name, other.name, number))
        return f"{owner.name} {other.name} {number}"

    attention, one, other = Alone("attention"), Alone("protein"), Alone("protein")
    for protein in (one, other, one, other):
        assert join(attention, protein, None) == "attention protein None"
    assert len(asked) == 2  # the same name makes no other visitor's protein one's own
    join(attention, one, 1)
    join(Alone("attention"), one, 1)
    assert len(asked) == 4
    for number in range(MOST):
        join(attention, one, number)
    join(attention, other, None)  # the oldest had gone
    assert asked[-1] == ("attention", "protein", None)


def test_nothing_is_kept_alive() -> None:
    """Attention outlives a visit: it does not hold the visitor's protein."""

    @remember
    def name(owner: Alone, other: Alone) -> str:
        return owner.name + other.name

    attention, protein = Alone("attention"), Alone("protein")
    name(attention, protein)
    name(protein, attention)
    gone = weakref.ref(protein)
    del protein
    gc.collect()
    assert gone() is None
    assert name(attention, Alone("new")) == "attentionnew"
    gone = weakref.ref(attention)
    del attention
    gc.collect()
    assert gone() is None


def test_a_bare_sequence_has_one_chain() -> None:
    """What is remembered of its chain would else be worked out at every run."""
    protein = Protein("a name", "", "sequence", "MKV", ("1", "2", "3"))
    assert labelled_chain(protein) is labelled_chain(protein)
