"""Choices as an address and back."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from dashboard.page.address import Parameter, read_address, write_address
from dashboard.page.some import count_of

LETTERS = tuple(string.ascii_lowercase)
PARAMETERS = (
    Parameter("feature", LETTERS, "c"),
    Parameter("models", LETTERS, ("a", "b"), most=4),
    Parameter("threshold", lambda text: text in {"0.10", "0.30"}, "0.30"),
)
GOOD = st.fixed_dictionaries(
    {
        "feature": st.sampled_from(LETTERS),
        "models": st.lists(st.sampled_from(LETTERS), max_size=4, unique=True).map(tuple),
        "threshold": st.sampled_from(["0.10", "0.30"]),
    }
)


@given(GOOD)
def test_an_address_gives_back_the_choices_it_was_written_from(values):
    read, notes = read_address(PARAMETERS, write_address(PARAMETERS, values))
    assert read == values
    assert notes == []


def test_defaults_make_no_address():
    assert write_address(PARAMETERS, {"feature": "c", "models": ("a", "b")}) == {}


@given(st.dictionaries(st.text(max_size=9), st.lists(st.text(max_size=80), max_size=7), max_size=6))
def test_any_address_gives_choices_the_page_has(given_parameters):
    read, _ = read_address(PARAMETERS, given_parameters)
    for parameter in PARAMETERS:
        value = read[parameter.name]
        values = (value,) if isinstance(value, str) else value
        assert all(parameter.allows(one) for one in values)
        assert len(values) <= 4


def test_what_is_wrong_is_said():
    given_parameters = {
        "feature": ["<b>"],
        "models": ["a", "zz", "b", "c", "d", "e"],
        "threshold": ["0.31"],
        "colour": ["red"],
    }
    read, notes = read_address(PARAMETERS, given_parameters)
    assert read == {"feature": "c", "models": ("a", "b", "c", "d"), "threshold": "0.30"}
    assert notes == [
        "Ignored feature = “<b>” in the address.",
        "Ignored models = “zz” in the address.",
        "At most 4 values of models are shown; left out of the address: “e”.",
        "Ignored threshold = “0.31” in the address.",
        "Ignored the unknown parameter “colour”.",
    ]


NUMBERS = (
    Parameter("threshold", [f"{step / 100:.2f}" for step in range(5, 95, 5)], "0.30"),
    Parameter("layer", {"", *map(str, range(1, 31))}, ""),
    Parameter("sites", ("yes", "no"), "yes"),
)


@given(st.integers(1, 18), st.sampled_from(["{:.1f}", "{:.2f}", "{:.3f}", "{:g}"]), st.booleans())
def test_a_number_may_be_written_in_any_way(step, form, bare):
    text = form.format(step / 20)
    wanted = f"{float(text):.2f}"
    if bare:
        text = text.removeprefix("0")
    read, notes = read_address(NUMBERS, {"threshold": [text]})
    known = NUMBERS[0].allows(wanted)
    assert read["threshold"] == (wanted if known else "0.30")
    assert bool(notes) == (not known)


def test_other_texts_are_no_numbers():
    for name, text in (
        ("threshold", "3e-1"),
        ("threshold", "nan"),
        ("threshold", " 0.3"),
        ("threshold", "0.299999999999999999999"),
        ("layer", "-1"),
        ("layer", "٣"),
        ("sites", "1"),
    ):
        read, notes = read_address(NUMBERS, {name: [text]})
        assert read == {"threshold": "0.30", "layer": "", "sites": "yes"}
        assert len(notes) == 1, text
    assert read_address(NUMBERS, {"layer": ["07"]}) == (
        {"threshold": "0.30", "layer": "7", "sites": "yes"},
        [],
    )


def test_an_empty_text_is_no_value():
    parameters = (
        Parameter("also", lambda text: text == "" or text.isdigit(), (), most=3),
        Parameter("layer", lambda text: text == "" or text.isdigit(), "4"),
    )
    for given_parameters, also, layer in (
        ({"also": [""]}, (), "4"),
        ({"also": ["", "1", "", "2"]}, ("1", "2"), "4"),
        ({"layer": [""]}, (), "4"),
        ({"layer": ["7", ""]}, (), "4"),
        ({"layer": ["", "7"]}, (), "7"),
    ):
        read, notes = read_address(parameters, given_parameters)
        assert read == {"also": also, "layer": layer}
        assert notes == []


def test_one_of_several_is_said_as_one():
    assert count_of(1, "older run") == "1 older run"
    assert count_of(2000, "older run") == "2,000 older runs"
    assert count_of(1, "more model is", "more models are") == "1 more model is"
