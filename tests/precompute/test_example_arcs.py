"""The arcs that the first page shows are those that the demo model has, and that Live shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.pages.live.asking import default_protein
from precompute.command_line import main
from precompute.demo import MODEL_FOLDER
from precompute.demo.example_arcs import EXAMPLE
from precompute.examples import load_arcs
from precompute.examples.schema import EXAMPLE_ARCS
from precompute.live.arcs import Rule, best_head, choose_arcs, labelled_chain
from precompute.live.getting.inputs import open_source
from precompute.live.running.attention import attend
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.tables import read_table


def test_what_ships_is_what_the_model_says(tmp_path: Path) -> None:
    assert main(["example-arcs", "--out", str(tmp_path)]) == 0
    fresh = read_table(tmp_path, EXAMPLE_ARCS).astype({"contact": "boolean"})
    shipped = load_arcs()
    assert len(shipped) > 20
    pd.testing.assert_frame_equal(fresh, shipped, rtol=0, atol=1e-5)


def test_live_shows_the_same_arcs() -> None:
    protein = open_source(default_protein(), None)
    assert default_protein() == f"example:{EXAMPLE}"
    adapter = Checkpoint(MODELS["demo"], Weights(MODEL_FOLDER, "trained here")).load()
    attention = attend(adapter, protein.sequence)
    shipped = load_arcs()
    best = best_head(attention, labelled_chain(protein), 0.3)
    hits = shipped[shipped["contact"].fillna(False)].groupby(["layer", "head"]).size()
    assert hits.idxmax() == best
    for layer, head in {*zip(shipped["layer"], shipped["head"], strict=True)}:
        shown = choose_arcs(attention.head(layer, head), protein, Rule()).frame
        own = shipped[(shipped["layer"] == layer) & (shipped["head"] == head)]
        shown = shown.sort_values(["i", "j"], ignore_index=True)
        assert shown[["i", "j"]].to_numpy().tolist() == own[["i", "j"]].to_numpy().tolist()
        assert np.allclose(shown["weight"], own["weight"], atol=1e-4)
        assert shown["contact"].tolist() == own["contact"].tolist()
