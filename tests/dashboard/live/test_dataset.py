"""The tables' values of a head, as Live shows them, are the tables'."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.pages.live.dataset import dataset_html, dataset_table
from dashboard.results import loaded as results
from dashboard.results.head import Asked
from dashboard.results.loaded import RESULTS_VARIABLE, profile_of_head
from dashboard.results.panels import choose_panels
from precompute.features import FEATURES


@pytest.mark.parametrize("head", [(1, 1), (3, 7), (12, 12)])
def test_a_head_has_the_values_of_its_profile(
    head: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    loaded = results.load()
    panels, _ = choose_panels(loaded, Asked(feature="contact", models=("tape_bert",)))
    assert panels
    for panel in panels:
        html = dataset_table(panel, *head)
        own = profile_of_head(panel, *head).set_index("feature").loc["contact"]
        assert panel.source.basis in html
        assert f"{FEATURES['contact'].label}</th>" in html
        assert "grey" in html if pd.isna(own["percent"]) else f">{own['percent']:.1f}<" in html


def test_a_source_is_text() -> None:
    none = pd.DataFrame(columns=["feature", "percent", "log2_enrichment", "arcs"])
    assert "<b>" not in dataset_html(none, "contact", "<b>")
