"""What holds on every page, whatever else a test looks at."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from dashboard.figures.look import draft


@pytest.fixture(autouse=True)
def _what_pages_send_is_written_of_plain_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plotly's figure is not built to be sent: that was nine tenths of a chart's time."""
    parts_of = draft.parts_of

    def parts(figure: go.Figure) -> object:
        assert type(figure) is not go.Figure, "a page built Plotly's figure"
        return parts_of(figure)

    monkeypatch.setattr(draft, "parts_of", parts)
