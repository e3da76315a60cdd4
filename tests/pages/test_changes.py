"""A results folder that changes while a page is open, and one with sixty models."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import measured

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
OWN = f"{measured.OWN_MODEL}:{measured.OWN_RUN}"
VISITS: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("1_Heads", {"models": measured.OWN_MODEL, "feature": "binding_site"}),
    ("3_Amino_acids", {"source": OWN, "head": "1.1"}),
    ("4_Substitution", {"source": OWN}),
    ("5_Layers", {"source": OWN, "feature": "binding_site"}),
    (
        "6_Compare",
        {"first": OWN, "second": f"tape_bert:{measured.TAPE_RUN}", "feature": "binding_site"},
    ),
    ("9_Methods", {}),
    ("7_Alignments", {}),
]


@pytest.fixture
def folder(tmp_path: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the results that a test may change."""
    own = tmp_path / "results"
    shutil.copytree(results_folder, own)
    monkeypatch.setenv(RESULTS_VARIABLE, str(own))
    return own


@pytest.fixture(scope="module")
def counted() -> pd.DataFrame:
    return measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)


def add(folder: Path, run: str, model: str, counted: pd.DataFrame) -> None:
    counts = measured.head_counts(counted, run, model)
    row = measured.run_row(run, model, 3, 4, "2026-11-22T00:00:00Z")
    add_run(folder, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background(run)})


def visit(page: str, parameters: Mapping[str, str | list[str]]) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=120)
    if page:
        app.switch_page(f"pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest, role: str) -> str:
    bodies = "".join(element.proto.body for element in app.get("html"))
    return "\n".join(re.findall(rf'<p role="{role}"[^>]*>(.*?)</p>', bodies))


@pytest.mark.parametrize(("page", "parameters"), VISITS)
def test_a_new_run_is_said_once(
    page: str, parameters: dict[str, str], folder: Path, counted: pd.DataFrame
) -> None:
    app = visit(page, parameters)
    assert "has changed" not in said(app, "status")
    add(folder, "later-run", "later_model", counted)
    app.run()
    assert not app.exception
    assert "is loaded anew; new: later-run." in said(app, "status")
    app.run()
    assert "has changed" not in said(app, "status")


@pytest.mark.parametrize(("page", "parameters"), VISITS)
def test_runs_that_are_gone_are_said(page: str, parameters: dict[str, str], folder: Path) -> None:
    app = visit(page, parameters)
    shutil.rmtree(folder)
    folder.mkdir()
    app.run()
    assert not app.exception
    assert f"gone: {measured.OWN_RUN}, {measured.TAPE_RUN}." in said(app, "status")
    shutil.rmtree(folder)
    app.run()
    assert not app.exception
    assert "does not exist" in said(app, "alert")


@pytest.mark.parametrize(("page", "parameters"), VISITS[1:6])
def test_counts_that_vanish_are_one_sentence(
    page: str, parameters: dict[str, str], folder: Path
) -> None:
    app = visit(page, parameters)
    assert said(app, "alert") == ""
    (folder / "head_counts" / f"{measured.OWN_RUN}.parquet").unlink()
    app.run()
    assert not app.exception
    assert measured.OWN_RUN in said(app, "alert")


def test_sixty_models_are_chosen_from_a_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: pd.DataFrame
) -> None:
    folder = tmp_path / "sixty"
    for number in range(60):
        add(folder, f"run-{number:02}", f"model_{number:02}", counted)
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    last = "model_59:run-59"
    for page, parameters in (
        ("", {}),
        ("1_Heads", {"models": "model_59", "feature": "binding_site"}),
        ("3_Amino_acids", {"source": last}),
        ("4_Substitution", {"source": last}),
        ("5_Layers", {"source": last, "feature": "binding_site"}),
        ("6_Compare", {"first": last, "second": "model_00:run-00", "feature": "binding_site"}),
        ("9_Methods", {}),
    ):
        app = visit(page, parameters)
        assert "does not" not in said(app, "alert")
        if page == "1_Heads":
            chosen = app.multiselect(key="heads_models")
            assert chosen.value == ["model_59"]
            assert "at most 5 of 65" in chosen.label
            assert chosen.proto.max_selections == 5
        if page == "3_Amino_acids":
            assert "more models are not shown" in said(app, "status")
        if page == "4_Substitution":
            assert "more models are not compared" in said(app, "alert")
