"""The tables' values of a head, as Live shows them, are the tables'."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.pages.live.dataset import dataset_html, head_tables
from dashboard.results import loaded as results
from dashboard.results.head import Asked
from dashboard.results.loaded import RESULTS_VARIABLE, profile_of_head
from dashboard.results.panels import choose_panels


@pytest.mark.parametrize("head", [(1, 1), (3, 7), (12, 12)])
def test_a_head_has_the_values_of_its_profile(
    head: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    loaded = results.load()
    tables = head_tables(loaded, "tape_bert", "contact")
    panels, _ = choose_panels(loaded, Asked(feature="contact", models=("tape_bert",)))
    assert [source for source, _ in tables] == [panel.source.basis for panel in panels]
    for (_, table), panel in zip(tables, panels, strict=True):
        own = table[(table["layer"] == head[0]) & (table["head"] == head[1])]
        expected = profile_of_head(panel.several(), *head)
        pd.testing.assert_series_equal(
            own.set_index("feature")["percent"].sort_index(),
            expected.set_index("feature")["percent"].sort_index(),
        )
        assert "Contact" in dataset_html(own, "contact", "a source")


def test_a_source_is_text() -> None:
    none = pd.DataFrame(columns=["feature", "percent", "log2_enrichment", "arcs"])
    assert "<b>" not in dataset_html(none, "contact", "<b>")
