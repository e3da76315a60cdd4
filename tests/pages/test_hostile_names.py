"""Names in a results folder that try to leave their place, on every page and in what it gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import hostile, measured
from tests.charts import given
from tests.pages.test_changes import said, visit

MODELS = tuple(
    " ".join(hostile.TEXTS[place : place + 4])[:1000] for place in range(0, len(hostile.TEXTS), 4)
)
"""A name begins with one of the texts and has three more in it, in what a table takes."""
FIVE = 5


def run_of(place: int) -> str:
    return f"run{place}"


def dataset_of(place: int) -> str:
    """Another one than the model's."""
    return MODELS[-place - 1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of a model of each name."""
    made = tmp_path_factory.mktemp("hostile")
    counted = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)
    for place, model in enumerate(MODELS):
        run, dataset = run_of(place), dataset_of(place)
        row = measured.run_row(run, model, 3, 4, f"2026-11-22T00:00:{place % 60:02}Z")
        counts = measured.head_counts(counted, run, model).assign(dataset=dataset)
        background = measured.background(run).assign(dataset=dataset)
        add_run(made, row.assign(dataset=dataset), {HEAD_COUNTS: counts, BACKGROUND: background})
    return made


def source_of(place: int) -> str:
    return f"{MODELS[place % len(MODELS)]}:{run_of(place % len(MODELS))}"


def pages(place: int) -> Iterator[tuple[str, dict[str, str | list[str]]]]:
    """Give the pages that show five models from a place on."""
    several = range(place, min(place + FIVE, len(MODELS)))
    five = [MODELS[one] for one in several]
    yield (
        "1_Heads",
        {
            "models": five,
            "feature": "binding_site",
            "head": f"{five[0]}.2.3",
            "table": "all",
        },
    )
    yield "5_Layers", {"source": [source_of(one) for one in several], "feature": "binding_site"}
    yield "3_Amino_acids", {"source": source_of(place), "head": "1.1"}
    yield "4_Substitution", {"source": source_of(place)}
    yield (
        "6_Compare",
        {"first": source_of(place), "second": source_of(place + 1), "feature": "binding_site"},
    )
    yield "6_Compare", {"clustered": [source_of(one) for one in several]}


def texts_of(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Give every text of a figure that Plotly reads tags in."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("customdata", "meta", "uirevision", "legendgroup"):
                yield from texts_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner, key)
    elif isinstance(value, str):
        yield key, value


class Tags(HTMLParser):
    """Refuses what none of the pages' own markup has."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "img", "iframe", "object", "link", "base", "form", "x")
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("href", "src") or "evil" not in (value or "")


def check(app: AppTest) -> None:
    """Everything that is markup, Markdown or Plotly's text has names escaped in it."""
    assert not app.exception
    for element in app.get("html"):
        if not element.proto.unsafe_allow_javascript:
            Tags().feed(element.proto.body)
    for element in [*app.markdown, *app.caption, *app.subheader, *app.title, *app.header]:
        for text in (*hostile.LINKS, *hostile.MARKUP, *hostile.MARKDOWN):
            bare = rf"(?<!\\){re.escape(text)}"
            assert len(text) < 4 or not re.search(bare, element.value), element.value
    for component in app.get("bidi_component"):
        data = given(component)
        if isinstance(data, dict) and "figure" in data:
            for key, text in texts_of(json.loads(data["figure"])):
                for name in hostile.MARKUP:
                    assert "<" not in name or name not in text, (key, text)


@pytest.mark.parametrize("place", range(0, len(MODELS), FIVE))
def test_no_name_leaves_its_place(
    place: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    for page, parameters in pages(place):
        app = visit(page, parameters)
        check(app)
        assert "gnored" not in said(app, "status")


def test_home_and_methods(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    for page in ("", "9_Methods"):
        check(visit(page, {}))
