"""Live shows a protein under a checkpoint that no registry knows, and says which it cannot show."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from dashboard.results.reader import read_runs
from precompute.live.arcs import Rule, choose_arcs
from precompute.live.getting.inputs import open_source
from precompute.live.running.attention import attend
from precompute.live.running.named import MODELS_VARIABLE, remembered_offer
from precompute.models.loading import Checkpoint, own_model
from precompute.models.weights import NAMED_FOLDER, WEIGHTS_VARIABLE, Weights, remember_folder
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run, to_json
from tests import measured
from tests.checkpoints import make_checkpoint, own_checkpoint
from tests.pages.test_changes import visit
from tests.pages.test_live import SECONDS, control, drawn_arcs, notes, start
from tests.pages.test_methods import html

NAME = "Mine *8M* <img src> $x$ :red[y]"


@pytest.fixture(autouse=True)
def _no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")


def settle(app: AppTest, there: Callable[[], Any]) -> None:
    """Run the page anew until something is there."""
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end, notes(app, "alert")
        time.sleep(0.2)
        app.run()
        assert not app.exception


def test_a_named_model_is_run_beside_broken_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_checkpoint(tmp_path / "mine", "esm2_t6_8m", max_position_embeddings=400)
    damaged = make_checkpoint(tmp_path / "damaged", "esm2_t6_8m", max_position_embeddings=400)
    (damaged / "pytorch_model.bin").write_bytes(b"no weights")
    models = {NAME: folder, "gone": tmp_path / "gone", "damaged": damaged}
    monkeypatch.setenv(MODELS_VARIABLE, ",".join(f"{a}={b}" for a, b in models.items()))
    app = start(model=NAME, layer="2", head="3", threshold="0.10")
    settle(app, lambda: app.select_slider)
    (problem,) = notes(app, "alert")
    assert problem.count("<p ") == 1
    assert "The model gone is not offered: its folder is not there." in problem
    protein = open_source("example:1MVO")
    attention = attend(own_checkpoint(folder, "esm").load(), protein.sequence)
    expected = choose_arcs(attention.head(2, 3), protein, Rule(0.1)).frame
    pairs = zip(expected["i"] - 1, expected["j"] - 1, strict=True)
    assert len(expected)
    assert drawn_arcs(app) == {(int(i), int(j)) for i, j in pairs}
    assert control(app.selectbox, "Model").options[1] == NAME
    for element in [*app.caption, *app.markdown]:
        assert "*8M*" not in element.value.replace("\\*", "")
    assert not any("<img" in element.proto.body for element in app.get("html"))

    control(app.selectbox, "Model").select("damaged").run()
    settle(app, lambda: len(notes(app, "alert")) == 2)
    said = notes(app, "alert")[-1]
    assert str(tmp_path) not in said
    assert "damaged" in said
    control(app.selectbox, "Model").select("demo").run()
    settle(app, lambda: app.select_slider)
    assert len(notes(app, "alert")) == 1


def test_a_runs_head_opens_under_the_checkpoint_that_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_checkpoint(tmp_path / "place" / "mine", "esm2_t6_8m", layers=3, heads=4)
    run = "mine-binding_sites-0"
    weights = Weights(folder, NAMED_FOLDER)
    sha256 = Checkpoint(own_model("mine", "esm", str(folder)), weights).sha256()
    row = measured.run_row(run, "mine", 3, 4, "2026-11-22T00:00:00Z").assign(
        architecture="esm", weights_sha256=sha256, notes=to_json(remember_folder(weights))
    )
    counted = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)
    tables = {
        HEAD_COUNTS: measured.head_counts(counted, run, "mine"),
        BACKGROUND: measured.background(run),
    }
    add_run(tmp_path / "results", row, tables)
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path / "results"))
    (found,) = read_runs(str(tmp_path / "results"))
    assert found.checkpoint is not None
    offer = remembered_offer(found.checkpoint)
    assert offer is not None
    assert offer.label == f"mine, weights {sha256[:8]}"
    heads = {"models": ["mine"], "feature": "binding_site", "head": "mine.2.3"}
    links = [link.proto.query_string for link in visit("1_Heads", heads).get("page_link")]
    assert f"model=mine%3A{sha256[:8]}&layer=2&head=3" in links

    app = start(model=found.checkpoint.key, layer="2", head="3", threshold="0.10")
    settle(app, lambda: app.select_slider)
    assert notes(app, "alert") == []
    attention = attend(own_checkpoint(folder, "esm").load(), open_source("example:1MVO").sequence)
    expected = choose_arcs(attention.head(2, 3), open_source("example:1MVO"), Rule(0.1)).frame
    pairs = zip(expected["i"] - 1, expected["j"] - 1, strict=True)
    assert drawn_arcs(app) == {(int(i), int(j)) for i, j in pairs}

    bodies = html(visit("9_Methods", {}))
    assert sha256 in bodies
    assert str(tmp_path / "place") not in bodies
    (folder / "pytorch_model.bin").write_bytes(b"another")
    assert remembered_offer(found.checkpoint) is None
    app = visit("1_Heads", heads)
    assert "Live has not got its weights." in [caption.value for caption in app.caption]


def test_a_protein_the_demo_cannot_read_is_offered_to_a_model_that_reads_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_checkpoint(tmp_path / "esm2_t6_8m", "esm2_t6_8m", max_position_embeddings=400)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    app = start(kind="sequence")
    control(app.text_area, "One or several sequences, of at most 1,024 residues").set_value(
        "GAVLIPFMWSTCYNQDEKRH" * 3
    )
    app.run()
    settle(app, lambda: [b for b in app.button if b.key == "live_instead"])
    assert "belongs to none of them" in notes(app, "alert")[0]
    (button,) = [b for b in app.button if b.key == "live_instead"]
    assert button.label == "Look with ESM-2 8M (about 29 MB), which reads every protein"
    button.click().run()
    settle(app, lambda: app.select_slider)
    assert notes(app, "alert") == []
    assert control(app.selectbox, "Model").value == "esm2_t6_8m"
    assert not [b for b in app.button if b.key == "live_instead"]
