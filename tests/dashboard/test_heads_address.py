"""Every choice of the Heads page survives the way into a URL and back; the rest is said."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.page.links import heads_address, live_address
from dashboard.page.parameters import Value, read_address, write_address
from dashboard.pages.heads.controls import (
    DENOMINATORS,
    MEASURES,
    RESULTS,
    SCALES,
    TABLES,
    THRESHOLDS,
    heads_parameters,
)
from dashboard.results.head import Head, parse_head
from precompute import heads, tally
from precompute.features import PAPER_FEATURES

SHAPES = {
    "tape_bert": (12, 12),
    "prot_albert": (12, 64),
    "prot_bert_bfd": (30, 16),
    "a.1.2": (3, 4),
}
RUNS = ("run-1", "run, 2", "ü&=3")
PARAMETERS = heads_parameters(SHAPES, RUNS)
DEFAULT: dict[str, Value] = {one.name: one.default for one in PARAMETERS}


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Value]:
    models = draw(st.lists(st.sampled_from(sorted(SHAPES)), unique=True, max_size=4))
    head = ""
    if models and draw(st.booleans()):
        model = draw(st.sampled_from(models))
        layers, count = SHAPES[model]
        head = str(Head(model, draw(st.integers(1, layers)), draw(st.integers(1, count))))
    lists = {
        "feature": PAPER_FEATURES,
        "measure": sorted(MEASURES),
        "threshold": THRESHOLDS,
        "denominator": sorted(DENOMINATORS),
        "table": sorted(TABLES),
        "scale": sorted(SCALES),
        "results": sorted(RESULTS),
    }
    return {
        **{name: draw(st.sampled_from(values)) for name, values in lists.items()},
        "models": tuple(models),
        "run": tuple(draw(st.lists(st.sampled_from(RUNS), unique=True))),
        "head": head,
    }


@given(choices())
def test_round_trip(chosen: dict[str, Value]) -> None:
    url = urlencode(write_address(PARAMETERS, chosen), doseq=True)
    assert read_address(PARAMETERS, parse_qs(url, keep_blank_values=True)) == (chosen, [])


@given(
    st.dictionaries(
        st.sampled_from([*DEFAULT, "x"]),
        st.lists(st.text(), max_size=4),
    )
)
def test_whatever_is_written_gives_a_valid_choice(parameters: dict[str, list[str]]) -> None:
    chosen, notes = read_address(PARAMETERS, parameters)
    assert read_address(PARAMETERS, write_address(PARAMETERS, chosen)) == (chosen, [])
    assert all("\n" not in note for note in notes)


def test_the_default_is_an_empty_address() -> None:
    assert write_address(PARAMETERS, DEFAULT) == {}
    assert read_address(PARAMETERS, {}) == (DEFAULT, [])


@pytest.mark.parametrize("feature", ["contact", "amino_acid:P"])
@pytest.mark.parametrize("model", ["tape_bert", "prot_bert_bfd"])
def test_links_of_other_pages_are_what_the_page_itself_writes(feature: str, model: str) -> None:
    head = Head(model, 11, 6)
    chosen = {**DEFAULT, "feature": feature, "models": (model,), "head": f"{model}.11.6"}
    assert heads_address(head, feature) == write_address(PARAMETERS, chosen)
    assert live_address(head, "example:1T8K", "A") == {
        "model": [model],
        "layer": ["11"],
        "head": ["6"],
        "protein": ["example:1T8K"],
        "chain": ["A"],
    }
    assert "protein" not in live_address(head)


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
    chosen, notes = read_address(PARAMETERS, parameters)
    expected = ("tape_bert",) if "models" in parameters else DEFAULT["models"]
    assert chosen == {**DEFAULT, "models": expected}
    assert len(notes) == 1
    assert said in notes[0]


def test_thresholds_and_denominators_are_those_of_runs() -> None:
    assert [float(text) for text in THRESHOLDS] == list(tally.THRESHOLDS)
    assert list(DENOMINATORS) == list(heads.DENOMINATORS)


def test_at_most_five_models() -> None:
    shapes = {f"m{number}": (1, 1) for number in range(7)}
    chosen, notes = read_address(heads_parameters(shapes), {"models": list(shapes)})
    assert chosen["models"] == ("m0", "m1", "m2", "m3", "m4")
    assert notes == ["At most 5 values of models are shown; left out of the address: “m5”, “m6”."]


def test_a_model_with_dots_in_its_name() -> None:
    assert parse_head("a.1.2.3.4", SHAPES) == Head("a.1.2", 3, 4)
    assert parse_head("a.1.2", SHAPES) is None
    assert parse_head("tape_bert.1.1 ", SHAPES) is None
    assert parse_head("tape_bert.1.01", SHAPES) is None


@given(st.sampled_from(THRESHOLDS))
def test_a_threshold_may_be_written_in_any_way(threshold: str) -> None:
    for text in (f"{float(threshold):g}", f"{float(threshold):.3f}", threshold.removeprefix("0")):
        chosen, notes = read_address(PARAMETERS, {"threshold": [text]})
        assert chosen["threshold"] == threshold
        assert notes == []
    chosen, notes = read_address(PARAMETERS, {"threshold": ["0.77777"]})
    assert chosen["threshold"] == DEFAULT["threshold"]
    assert len(notes) == 1
