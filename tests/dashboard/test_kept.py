"""What is kept for all visitors: worked out once, told apart, bounded, and never stale."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from dashboard.results import loaded as results
from dashboard.results.kept import forget, kept
from dashboard.results.sources import Loaded, list_sources
from precompute.errors import AtlasError


@dataclass(frozen=True, eq=False)
class Told:
    """Something that is told apart by its identity."""

    identity: str
    large: list[int]


def test_what_was_worked_out_is_given_again() -> None:
    asked = []

    @kept(4)
    def double(*given: object, **named: object) -> list[object]:
        asked.append((given, named))
        return [*given, *named.items()]

    first = double("a", (1, 2), of="b")
    assert double("a", [1, 2], of="b") is first  # a list is told as a tuple is
    assert double("a", (1, 2), of="c") is not first
    assert double("b", (1, 2), of="b") is not first
    assert len(asked) == 3
    forget()
    assert double("a", (1, 2), of="b") == first
    assert len(asked) == 4


def test_what_has_an_identity_is_told_by_it_and_not_held() -> None:
    @kept(4)
    def largest(told: Told) -> list[int]:
        return [max(told.large)]

    assert largest(Told("one", [1, 2])) is largest(Told("one", [1, 2]))
    assert largest(Told("two", [1, 3])) == [3]
    with pytest.raises(TypeError, match="unhashable"):
        kept(4)(len)({})


def test_what_is_equal_to_itself_alone_is_told_by_being_it_and_not_held() -> None:
    @dataclass(frozen=True, eq=False)
    class Shown:
        values: list[int]

    @kept(16)
    def first(one: object) -> list[object]:
        return [one.values[0] if isinstance(one, Shown) else np.ravel(one)[0]]

    def seen(make: Callable[[], object]) -> tuple[list[object], weakref.ref[object]]:
        one, other = make(), make()
        found = first(one)
        assert first(one) is found
        assert first(other) is not found, "equal, and another all the same"
        return found, weakref.ref(one)

    for make in (lambda: pd.DataFrame([[1]]), lambda: np.ones(1), lambda: Shown([1])):
        found, one = seen(make)
        assert one() is None
        assert all(first(make()) is not found for _ in range(50)), "not in its place either"


def test_the_heads_of_a_property_are_told_from_those_of_another() -> None:
    heads = results.read_heads(next(iter(list_sources(Loaded()).values())))
    contact, helix = heads.showing("contact"), heads.showing("secondary_structure:helix")
    assert results.highest(contact) is results.highest(heads.showing("contact"))
    assert not results.highest(contact).equals(results.highest(helix))
    assert contact.whole().identity == helix.whole().identity == heads.identity
    assert results.profile_of_head(contact, 1, 1) is results.profile_of_head(helix, 1, 1)
    assert results.read_amino_acids(heads.source).identity != heads.identity
    again = replace(heads, state="read anew")
    assert results.highest(again.showing("contact")) is not results.highest(contact)


def test_the_longest_unused_goes_first() -> None:
    asked: list[int] = []

    @kept(2)
    def note(number: int) -> int:
        asked.append(number)
        return number

    for number in (1, 2, 1, 3, 1, 2):
        assert note(number) == number
    assert asked == [1, 2, 3, 2]


def test_another_state_is_another_result() -> None:
    now = "before"

    @kept(4, lambda name: f"{name} {now}")
    def read(name: str) -> str:
        return f"{name}, {now}"

    assert read("x") == "x, before"
    now = "after"
    assert read("x") == "x, after"


def test_a_sentence_is_kept_and_a_failure_is_not() -> None:
    asked: list[str] = []

    @kept(4)
    def refuse(name: str) -> str:
        asked.append(name)
        if name == "broken":
            raise ZeroDivisionError
        raise AtlasError(f"There is no {name}.")

    said = []
    for _ in range(2):
        with pytest.raises(AtlasError, match=r"There is no x\.") as caught:
            refuse("x")
        said.append(caught.value)
    assert asked == ["x"]
    assert said[0] is not said[1]  # an exception that is raised again grows by its traceback
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            refuse("broken")
    assert asked == ["x", "broken", "broken"]


def test_visitors_who_ask_at_once_share_the_work() -> None:
    begun, go = threading.Event(), threading.Event()
    asked, given = [], []

    @kept(4)
    def slow(name: str) -> list[str]:
        asked.append(name)
        begun.set()
        assert go.wait(10)
        return [name]

    visitors = [threading.Thread(target=lambda: given.append(slow("x"))) for _ in range(8)]
    visitors[0].start()
    assert begun.wait(10)
    for visitor in visitors[1:]:
        visitor.start()
    go.set()
    for visitor in visitors:
        visitor.join(10)
    assert asked == ["x"]
    assert len(given) == 8
    assert all(one is given[0] for one in given)
