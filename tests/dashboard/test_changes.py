"""What is said of results that changed, and of addresses that ask for too much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.page.changes import say_changes
from dashboard.page.parameters import keep_few, read_address, say_left_out
from dashboard.page.some import some_of
from dashboard.pages.heads.controls import heads_parameters
from dashboard.results.loaded import Run

RUN = Run("a", "results", "own", "sites", 40, 10_000, 3, 4, "2026-11-21T00:00:00Z", "0")


def test_nothing_is_said_of_the_same_runs() -> None:
    assert say_changes({"a": RUN}, {"a": RUN}) == []


def test_new_gone_and_changed_runs_are_told_apart() -> None:
    later = replace(RUN, started="2026-11-22T00:00:00Z")
    (said,) = say_changes({"a": RUN, "b": RUN}, {"a": later, "c": RUN})
    assert "new: c; gone: b; measured anew: a." in said


def test_many_runs_are_counted() -> None:
    (said,) = say_changes({}, {f"run-{number}": RUN for number in range(60)})
    assert said.endswith("new: run-0, run-1, run-2 and 57 more.")


@pytest.mark.parametrize(
    ("names", "said"),
    [("a", "a"), ("abc", "a, b, c"), ("abcd", "a, b, c and 1 more")],
)
def test_a_few_names(names: str, said: str) -> None:
    assert some_of(list(names)) == said


def test_sixty_models_in_an_address_are_one_sentence() -> None:
    shapes = {f"model_{number}": (3, 4) for number in range(60)}
    chosen, notes = read_address(heads_parameters(shapes), {"models": list(shapes)})
    assert chosen["models"] == tuple(list(shapes)[:5])
    assert notes == say_left_out("models", list(shapes), 5)
    assert notes[0].endswith("“model_5”, “model_6”, “model_7” and 52 more.")


def test_an_address_full_of_nonsense_is_said_in_a_few_lines() -> None:
    unknown = [f"x{number}" for number in range(300)]
    _, notes = read_address(heads_parameters({"a": (1, 1)}), {"models": unknown})
    assert len(notes) == 6
    assert notes[-1] == "295 more parts of the address were ignored."
    assert keep_few(notes) == notes
