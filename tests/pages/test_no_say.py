"""A good choice of an address that the page, as it stands, cannot follow is told in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.results.loaded import RESULTS_VARIABLE
from tests import measured
from tests.pages.test_changes import said, visit
from tests.pages.test_live import settle

OWN = f"{measured.OWN_MODEL}:{measured.OWN_RUN}"
Address = dict[str, str | list[str]]

UNMEASURED: list[tuple[str, Address, str]] = [
    ("1_Heads", {"results": "measured"}, "results = “measured”"),
    ("5_Layers", {"protocol": "paper"}, "protocol = “paper”"),
    ("5_Layers", {"classes": "8"}, "classes = “8”"),
    ("6_Compare", {"attention": "aligned"}, "attention = “aligned”"),
    (
        "7_Alignments",
        {"definition": "published", "statistic": "pearson", "quarter": "2"},
        "definition = “published”, statistic = “pearson”, quarter = “2”",
    ),
    (
        "8_Contacts",
        {"separation": "short", "measure": "L/5", "atoms": "beta"},
        "separation = “short”, measure = “L/5”, atoms = “beta”",
    ),
    ("8_Contacts", {"shown": "precision"}, "shown = “precision”"),
]
MEASURED: list[tuple[str, Address, str]] = [
    ("4_Substitution", {"source": OWN, "shown": "figure"}, "shown = “figure”"),
    (
        "1_Heads",
        {"feature": "entropy", "models": measured.OWN_MODEL, "measure": "z", "threshold": "0.50"},
        "measure = “z”",
    ),
    (
        "1_Heads",
        {"feature": "entropy", "models": measured.OWN_MODEL, "threshold": "0.50"},
        "threshold = “0.50”",
    ),
    (
        "1_Heads",
        {"feature": "entropy", "models": measured.OWN_MODEL, "table": "marked"},
        "table = “marked”",
    ),
]
LIVE: list[tuple[Address, str]] = [
    ({"by": "crossing"}, "There is no second protein that attention could go to"),
    ({"by": "own_site"}, "Residues of your own are compared by their list"),
    ({"by": "conservation:1"}, "is not known of this protein"),
    ({"protein": "example:1MVO", "kind": "pdb"}, "Ignored kind = “pdb” in the address: protein"),
    (
        {"second": "example:1JYR", "second_kind": "pdb"},
        "Ignored second_kind = “pdb” in the address: second",
    ),
    ({"second_chain": "B"}, "second_chain = “B”"),
    ({"depth": "16", "thin": "random"}, "depth = “16”, thin = “random”"),
    ({"best": "20", "pair": "3:40"}, "best = “20”, pair = “3:40”"),
    ({"layer": "1", "head": "1", "also": ["1-2"], "colour": "one"}, "colour = “one”"),
]


@pytest.mark.parametrize(("page", "address", "expected"), UNMEASURED)
def test_without_a_run(
    page: str, address: Address, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    assert said(visit(page, address), "status").count(f"Ignored {expected} in the address: ") == 1


@pytest.mark.parametrize(("page", "address", "expected"), MEASURED)
def test_with_runs(
    page: str,
    address: Address,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    results_folder: Path,
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    assert said(visit(page, address), "status").count(f"Ignored {expected} in the address: ") == 1


@pytest.mark.parametrize(("address", "expected"), LIVE)
def test_on_live(address: Address, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = settle(visit("2_Live", address))
    assert said(app, "status").count(expected) == 1
    assert said(app.run(), "status").count(expected) == 1  # it stays until something is chosen


def test_it_is_told_until_something_is_chosen(
    monkeypatch: pytest.MonkeyPatch, results_folder: Path
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    app = visit("4_Substitution", {"source": OWN, "shown": "figure"})
    assert "Ignored shown" in said(app, "status")
    app.selectbox(key="substitution_source").set_value(OWN).run()
    (matrix,) = [box for box in app.selectbox if box.label == "Matrix"]
    matrix.set_value("PAM250").run()
    assert "Ignored" not in said(app, "status")
    assert "Ignored" not in said(app.run(), "status")
    # What was asked for comes to bear where it can.
    app.selectbox(key="substitution_source").set_value("tape_bert:published").run()
    assert app.segmented_control(key="substitution_shown").value == "figure"


def test_runs_of_models_that_are_not_chosen(
    monkeypatch: pytest.MonkeyPatch, results_folder: Path
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    told = said(visit("1_Heads", {"run": measured.OWN_RUN}), "status")
    assert f"The run {measured.OWN_RUN} is not shown" in told
    own: Address = {"run": measured.OWN_RUN, "models": measured.OWN_MODEL}
    assert "not shown" not in said(visit("1_Heads", own), "status")
    told = said(visit("1_Heads", {**own, "results": "published"}), "status")
    assert "The measured runs chosen are not shown" in told
