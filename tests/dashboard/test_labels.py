"""A choice outlasts its label; what a real browser answers is in tests/browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

DASHBOARD = Path(__file__).parents[2] / "dashboard"


def page() -> None:
    """Draw a list whose labels say how often it was counted."""
    import streamlit as st

    from dashboard.page.address import Choices, Parameter

    choices = Choices(
        "counted", [Parameter("one", ("a", "b"), "a"), Parameter("some", ("a", "b", "c"), ("a",))]
    )
    count = st.session_state.get("count", 1)
    there = "ab"[: st.session_state.get("there", 2)]
    words = {name: f"{name} of {count}" for name in (*there, "c")}
    st.selectbox("One", list(there), **choices.widget("one", words.__getitem__))
    words = {name: f"{name} of {count}" for name in "abc"}.__getitem__
    st.multiselect("Some", ["a", "b", "c"], **choices.widget("some", words))
    choices.settle()
    st.text(f"{choices['one']} {','.join(choices['some'])} {dict(st.query_params)}")


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(page).run()
    app.selectbox[0].set_value("b")
    app.multiselect[0].set_value(["b", "c"])
    app.run()
    assert app.text[0].value.startswith("b b,c {'one': 'b'")
    return app


def answer(app: AppTest, one: str, some: list[str]) -> None:
    """Answer by labels, as a browser does, be they in the lists or not."""
    states = app._tree.get_widget_states()
    for state in states.widgets:
        if state.id == app.selectbox[0].id:
            state.string_value = one
        elif state.id == app.multiselect[0].id:
            state.string_array_value.data[:] = some
    app._run(states)


def test_the_browser_is_told_a_new_label(app: AppTest) -> None:
    app.run()
    assert not app.selectbox[0].proto.set_value  # nothing is new
    app.session_state["count"] = 2
    app.run()
    for widget in (app.selectbox[0], app.multiselect[0]):
        assert widget.proto.set_value
    assert app.selectbox[0].proto.raw_value == "b of 2"
    assert list(app.multiselect[0].proto.raw_values) == ["b of 2", "c of 2"]


def test_an_answer_by_a_former_label_is_what_it_meant(app: AppTest) -> None:
    app.session_state["count"] = 2
    app.run()
    answer(app, "a of 1", ["a of 1", "c of 2", "b of 1"])
    assert not app.exception
    assert app.text[0].value.startswith("a a,c,b ")


def test_what_no_label_ever_meant_is_dropped(app: AppTest) -> None:
    answer(app, "z of 9", ["z of 9", "c of 1"])
    assert not app.exception
    assert app.text[0].value.startswith("a c ")


def test_a_value_that_is_there_no_more_gives_way(app: AppTest) -> None:
    app.session_state["there"] = 1
    app.run()
    assert not app.exception
    assert app.selectbox[0].value == "a"


def test_every_list_with_labels_keeps_its_choice() -> None:
    """Only labels that never change are given to Streamlit as they are."""
    fixed = {("page/takeaway.py", 2)}
    found = {
        (str(path.relative_to(DASHBOARD)), len(given))
        for path in DASHBOARD.rglob("*.py")
        if (given := re.findall(r"format_func=", path.read_text()))
    }
    assert found == fixed
