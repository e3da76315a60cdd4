"""Every choice survives the way into a URL and back; everything else is left out and said."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.pages.heads.permalink import (
    DEFAULT,
    DENOMINATORS,
    MEASURES,
    RESULTS,
    SCALES,
    TABLES,
    THRESHOLDS,
    Head,
    HeadsChoice,
    from_parameters,
    parse_head,
    to_parameters,
)
from precompute.features import PAPER_FEATURES

SHAPES = {
    "tape_bert": (12, 12),
    "prot_albert": (12, 64),
    "prot_bert_bfd": (30, 16),
    "a.1.2": (3, 4),
}
RUNS = ("run-1", "run, 2", "ü&=3")
FIELDS = (
    *("feature", "models", "measure", "scale", "results", "run", "head"),
    *("threshold", "denominator", "table"),
)


@st.composite
def choices(draw: st.DrawFn) -> HeadsChoice:
    models = draw(st.lists(st.sampled_from(sorted(SHAPES)), unique=True, max_size=4))
    head = None
    if models and draw(st.booleans()):
        model = draw(st.sampled_from(models))
        layers, heads = SHAPES[model]
        head = Head(model, draw(st.integers(1, layers)), draw(st.integers(1, heads)))
    return HeadsChoice(
        feature=draw(st.sampled_from(PAPER_FEATURES)),
        models=tuple(models),
        measure=draw(st.sampled_from(sorted(MEASURES))),
        threshold=draw(st.sampled_from(THRESHOLDS)),
        denominator=draw(st.sampled_from(sorted(DENOMINATORS))),
        table=draw(st.sampled_from(sorted(TABLES))),
        scale=draw(st.sampled_from(sorted(SCALES))),
        results=draw(st.sampled_from(sorted(RESULTS))),
        runs=tuple(draw(st.lists(st.sampled_from(RUNS), unique=True))),
        head=head,
    )


@given(choices())
def test_round_trip(choice: HeadsChoice) -> None:
    url = urlencode(to_parameters(choice), doseq=True)
    back, notes = from_parameters(parse_qs(url, keep_blank_values=True), SHAPES, RUNS)
    assert back == choice
    assert notes == []


@given(
    st.dictionaries(
        st.sampled_from([*FIELDS, "x"]),
        st.lists(st.text(), max_size=4),
    )
)
def test_whatever_is_written_gives_a_valid_choice(parameters: dict[str, list[str]]) -> None:
    choice, notes = from_parameters(parameters, SHAPES, RUNS)
    assert from_parameters(to_parameters(choice), SHAPES, RUNS) == (choice, [])
    assert all("\n" not in note for note in notes)


def test_the_default_is_an_empty_address() -> None:
    assert to_parameters(DEFAULT) == {}
    assert from_parameters({}, SHAPES) == (DEFAULT, [])


def test_names_that_papers_may_hold() -> None:
    choice = HeadsChoice(
        feature="amino_acid:P", models=("tape_bert",), head=Head("tape_bert", 11, 6)
    )
    assert to_parameters(choice) == {
        "feature": ["amino_acid:P"],
        "models": ["tape_bert"],
        "head": ["tape_bert.11.6"],
    }


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"feature": ["contacts"]}, "“contacts”"),
        ({"feature": ["offset:+1"]}, "“offset:+1”"),
        ({"models": ["gpt", "tape_bert"]}, "“gpt”"),
        ({"measure": ["p"]}, "“p”"),
        ({"threshold": ["0.33"]}, "“0.33”"),
        ({"threshold": ["3e-1"]}, "“3e-1”"),
        ({"denominator": ["none"]}, "“none”"),
        ({"table": ["on"]}, "“on”"),
        ({"scale": ["<b>x</b>"]}, "“<b>x</b>”"),
        ({"results": ["all"]}, "“all”"),
        ({"run": ["gone"]}, "“gone”"),
        ({"head": ["prot_bert_bfd.31.1"]}, "“prot_bert_bfd.31.1”"),
        ({"head": ["prot_bert_bfd.0.1"]}, "“prot_bert_bfd.0.1”"),
        ({"head": ["prot_bert_bfd.1.17"]}, "“prot_bert_bfd.1.17”"),
        ({"head": ["tape_bert.1.1"]}, "“tape_bert.1.1”"),
        ({"feature": ["x" * 500]}, "“" + "x" * 60 + "…”"),
        ({"colour": ["red"]}, "“colour”"),
    ],
)
def test_wrong_values_are_left_out_and_said(parameters: dict[str, list[str]], said: str) -> None:
    choice, notes = from_parameters(parameters, SHAPES, RUNS)
    expected = ("tape_bert",) if "models" in parameters else DEFAULT.models
    assert choice == HeadsChoice(models=expected)
    assert len(notes) == 1
    assert said in notes[0]


def test_thresholds_and_denominators_are_those_of_runs() -> None:
    from precompute import heads, tally

    assert [float(text) for text in THRESHOLDS] == list(tally.THRESHOLDS)
    assert list(DENOMINATORS) == list(heads.DENOMINATORS)


def test_at_most_five_models() -> None:
    shapes = {f"m{number}": (1, 1) for number in range(7)}
    choice, notes = from_parameters({"models": list(shapes)}, shapes)
    assert choice.models == ("m0", "m1", "m2", "m3", "m4")
    assert notes == ["At most 5 values of models are shown; left out of the address: “m5”, “m6”."]


def test_a_model_with_dots_in_its_name() -> None:
    assert parse_head("a.1.2.3.4", SHAPES) == Head("a.1.2", 3, 4)
    assert parse_head("a.1.2", SHAPES) is None
    assert parse_head("tape_bert.1.1 ", SHAPES) is None
    assert parse_head("tape_bert.1.01", SHAPES) is None


@given(st.sampled_from(THRESHOLDS))
def test_a_threshold_may_be_written_in_any_way(threshold: str) -> None:
    for text in (f"{float(threshold):g}", f"{float(threshold):.3f}", threshold.removeprefix("0")):
        choice, notes = from_parameters({"threshold": [text]}, SHAPES)
        assert choice.threshold == threshold
        assert notes == []
    choice, notes = from_parameters({"threshold": ["0.77777"]}, SHAPES)
    assert choice.threshold == DEFAULT.threshold
    assert len(notes) == 1
