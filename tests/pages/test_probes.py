"""Measured probes on the Layers page, beside the paper's."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.kept import forget
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.command_line import main
from precompute.tables import PROBE_SCORES
from tests import hostile
from tests.pages.test_layers import address, charts, layers, notes
from tests.probed import score_of, write_probes


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    monkeypatch.setenv("ATLAS_DEMO", "0")
    forget()
    write_probes(tmp_path, "esm2_t6_8m-structures-probes-1", "esm2_t6_8m")
    return tmp_path


def said(app: AppTest) -> list[str]:
    return charts(app)["atlas_probes"]["alt"].split("\n")


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_each_property_is_shown_as_published_and_as_measured(results: Path) -> None:
    app = layers(feature=["contact", "binding_site"])
    assert [line.split(",")[0] for line in said(app)] == [
        "Binding site · TapeBert",
        "Binding site · ESM-2 8M",
        "Contact · TapeBert",
        "Contact · ESM-2 8M",
    ]
    value = score_of("contact", "embeddings", 3, "none")
    assert f"embedding probe at most {value:.2f} in layer 3" in said(app)[3]
    low = score_of("contact", "attention", 3, "shuffled")
    assert f"attention probe, shuffled at most {low:.2f} in layer 3" in said(app)[3]
    assert "n = 40 proteins over structures (9 of 9)" in captions(app)
    assert notes(app) == [], "a folder of probes alone is a results folder"


def test_eight_classes_are_one_choice_away_with_what_is_published(results: Path) -> None:
    app = layers(feature=["secondary_structure:helix", "contact"])
    app.segmented_control(key="layers_classes").set_value("8").run()
    assert [line.split(",")[0] for line in said(app)] == [
        "8 classes · ESM-2 8M",
        "Contact · TapeBert",
        "Contact · ESM-2 8M",
    ]
    assert "TapeBert 58.0, ProtBert-BFD 70.0" in captions(app)
    assert address(app)["classes"] == ["8"]


def test_the_papers_protocol_has_no_control(results: Path) -> None:
    app = layers(feature="contact", protocol="paper")
    assert "shuffled" not in said(app)[1]
    assert "hardly fitted" in captions(app)
    app = layers(feature="contact", protocol="paper", classes="8")
    assert len(said(app)) == 2, "there are no eight classes, and nothing breaks"


@pytest.mark.parametrize("model", ["mine", *hostile.GROUPS[:4]])
def test_own_labels_are_shown_whatever_is_chosen(results: Path, model: str) -> None:
    write_probes(results, "mine-structures-probes-2", model[:900], own=True)
    app = layers(feature="contact")
    assert [line.split(" · ")[0] for line in said(app)] == ["Contact", "Contact", "mine"]
    app = layers(feature="contact", protocol="paper")
    assert any("there are no probes of this protocol" in note for note in notes(app, "alert"))


def test_a_damaged_table_is_a_sentence(results: Path) -> None:
    path = results / PROBE_SCORES.name / "esm2_t6_8m-structures-probes-1.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 40)
    app = layers(feature="contact")
    assert any("probes-1.parquet" in note for note in notes(app, "alert"))
    assert charts(app)["atlas_probes"]["alt"].startswith("Contact · TapeBert")
    (results / "probe_runs.parquet").write_bytes(b"nothing")
    layers(feature="contact")


def test_probes_are_exported(results: Path, tmp_path: Path) -> None:
    assert main(["export", str(results), "--csv", str(tmp_path / "csv")]) == 0
    frame = pd.read_csv(tmp_path / "csv" / "probe_scores.csv")
    assert len(frame) == 2 * 3 * (7 * 2 + 5)
    assert not (tmp_path / "csv" / "runs.csv").exists()
    assert json.loads(pd.read_csv(tmp_path / "csv" / "probe_runs.csv")["notes"].item())
