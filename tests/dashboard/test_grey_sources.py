"""What the shell and the Compare page say of models whose every head is grey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.__main__ import main
from dashboard.results.comparisons import ALL_GREY
from dashboard.results.folders import RESULTS_VARIABLE
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import measured

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
RUNS = {"grey_one": (2, 2), "grey_two": (1, 3)}
SOURCES = [f"{model}:{model}-run" for model in RUNS]


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of two models none of whose heads has an arc."""
    folder = tmp_path_factory.mktemp("grey")
    for model, (layers, heads) in RUNS.items():
        shares = measured.own_shares().iloc[:1]
        shares = shares.loc[shares.index.repeat(layers * heads)]
        places = np.ndindex(layers, heads)
        shares.index = shares.index.from_tuples(
            [(layer + 1, head + 1) for layer, head in places], names=shares.index.names
        )
        shares[:] = np.nan
        run = f"{model}-run"
        counts = measured.head_counts(measured.count_arcs(shares, 0), run, model)
        row = measured.run_row(run, model, layers, heads, "2026-11-21T00:00:00Z")
        add_run(folder, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background(run)})
    return folder


@pytest.mark.parametrize(
    ("second", "view", "said"),
    [
        (1, "auto", ALL_GREY),
        (0, "distributions", ALL_GREY),
        (0, "tops", ALL_GREY),
        (0, "heads", "No head has a value of Binding site in both."),
    ],
)
def test_nothing_is_drawn_of_grey_heads(
    second: int, view: str, said: str, grey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["figure", "compare", "--first", SOURCES[0], "--second", SOURCES[second]]
    given += ["--feature", "binding_site", "--view", view, "--results", str(grey), "--caption"]
    assert main(given) == 1
    assert capsys.readouterr().err == f"dashboard: {said}\n"


def test_the_page_says_so_in_place_and_stands(grey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(grey))
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.switch_page("pages/6_Compare.py")
    app.query_params["first"], app.query_params["second"] = SOURCES
    app.query_params["feature"] = "binding_site"
    app.run()
    assert not app.exception
    assert [text.value for text in app.text] == [ALL_GREY] * 2
    assert any("All 21 properties" in one.value for one in app.markdown)


def test_a_table_of_grey_heads_says_so(grey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(grey))
    for table, said in (("all", "Every head is grey"), ("marked", "No head is marked")):
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        app.switch_page("pages/1_Heads.py")
        given = {"models": "grey_one", "feature": "binding_site", "table": table}
        for name, value in given.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        assert any(one.value.startswith(said) for one in app.caption)


def test_who_has_chosen_is_not_asked_to(grey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(grey))
    for page, name, value in (
        ("1_Heads", "models", "grey_one"),
        ("5_Layers", "source", SOURCES[0]),
    ):
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        app.switch_page(f"pages/{page}.py")
        app.query_params[name], app.query_params["feature"] = value, "contact"
        app.run()
        assert not app.exception
        said = "".join(element.proto.body for element in app.get("html"))
        assert "no values" in said.replace("no measured values", "no values")
        assert "Choose a" not in said
