"""Live shows a protein under a checkpoint that no registry knows, and says which it cannot show."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.live.arcs import Rule, choose_arcs
from precompute.live.getting.inputs import open_source
from precompute.live.running.attention import attend
from precompute.live.running.named import MODELS_VARIABLE
from tests.checkpoints import make_checkpoint, own_checkpoint
from tests.pages.test_live import SECONDS, control, drawn_arcs, notes, start

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
