"""The highest heads and a head's offsets on screen: every mark at its value, and what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.figures.printing.figure import Source
from dashboard.figures.top_heads.top_heads_print import top_heads_figure
from dashboard.figures.top_heads.top_heads_screen import top_heads_chart
from dashboard.pages.heads.offsets_print import offsets_figure
from dashboard.pages.heads.offsets_screen import offsets_chart
from precompute.heads import WALD
from tests.charts import titles
from tests.printing import drawn

TITLE = ("Contact · <b>Model</b> & co", "published, n = 5,000 proteins")


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "layer": [3, 12, 1],
            "head": [4, 1, 2],
            "percent": [40.0, 20.0, 0.1],
            "interval_lower": [35.0, None, None],
            "interval_upper": [45.0, None, None],
            "resolution": [0.01, 2.0, None],
            "background_percent": [10.0, 10.0, 10.0],
        }
    )


def trace(figure: go.Figure, name: str) -> go.Scatter:
    (found,) = (one for one in figure.data if one.name == name)
    return found


def hover(dots: go.Scatter) -> list[str]:
    return [f"head {name}: {words}" for name, words in dots.customdata]


def test_every_dot_is_at_its_value(frame: pd.DataFrame) -> None:
    figure = top_heads_chart(frame, TITLE)
    dots = trace(figure, "heads")
    assert dots.x.tolist() == [40.0, 20.0, 0.1]
    assert (dots.x - dots.error_x.arrayminus).tolist() == pytest.approx([35.0, 18.0, 0.1])
    assert (dots.x + dots.error_x.array).tolist() == pytest.approx([45.0, 22.0, 0.1])
    assert dots.hovertemplate == "head %{customdata[0]}: %{customdata[1]}<extra></extra>"
    assert hover(dots) == [
        "head 3-4: 40.00 %, 35.00 to 45.00 %",
        "head 12-1: 20.00 %, 18.00 to 22.00 %",
        "head 1-2: 0.10 %, 0.10 to 0.10 %",
    ]
    rows = dict(zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True))
    assert [rows[row] for row in dots.y] == ["3-4", "12-1", "1-2"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the highest on top
    (background,) = figure.layout.shapes
    assert (background.x0, background.x1) == (10.0, 10.0)
    assert figure.layout.xaxis.range == (0, 1.05 * 45)
    assert titles(figure) == list(TITLE)
    assert figure.layout.xaxis.title.text == "% of the head's arcs"
    assert figure.layout.yaxis.title.text == "layer-head"


def test_fewer_heads_stand_in_the_rows_of_more(frame: pd.DataFrame) -> None:
    full, few = top_heads_chart(frame, TITLE), top_heads_chart(frame[:1], TITLE, rows=len(frame))
    assert few.layout.height == full.layout.height
    assert few.layout.yaxis.range == full.layout.yaxis.range
    assert trace(few, "heads").y.tolist() == [0]


def test_marks_and_the_papers_interval(frame: pd.DataFrame) -> None:
    marked = frame.assign(
        interval=["protein", WALD, ""],
        wald_lower=[38.0, 18.0, None],
        wald_upper=[42.0, 22.0, None],
        bonferroni=[0.01, 0.2, None],
        false_discovery=[0.005, 0.04, None],
    )
    figure = top_heads_chart(marked, TITLE, marked=True)
    signs = trace(figure, "marks")
    assert dict(zip(signs.y, signs.text, strict=True)) == {0: "**", 1: "*", 2: ""}
    # Where the bar is the paper's interval, it is not drawn twice.
    assert list(trace(figure, "Wald interval").x) == [38.0, 42.0, None]
    plain = top_heads_chart(frame, TITLE)
    assert [one.name for one in plain.data] == ["heads"]


def test_without_background_or_intervals(frame: pd.DataFrame) -> None:
    bare = frame.assign(background_percent=None, interval_lower=None, interval_upper=None)
    bare = bare.assign(denominator="corrected")
    figure = top_heads_chart(bare.astype(dict.fromkeys(bare.columns[2:-1], float)), TITLE)
    assert len(figure.layout.shapes) == 0
    assert len(trace(figure, "heads").x) == 3
    assert figure.layout.xaxis.title.text == "% of the head's eligible arcs"


def test_print_has_the_same_bars(frame: pd.DataFrame) -> None:
    full = frame.assign(model="m", source="s", feature="contact", denominator="published")
    full = full.assign(
        threshold=0.3,
        kept=3,
        dataset="d",
        proteins=5,
        wald_lower=0.0,
        rank=1,
        interval=["x", "", ""],
    )
    dots = trace(top_heads_chart(full, TITLE), "heads")
    with drawn(top_heads_figure(full, Source(models="M", feature="Contact"))) as (made, _):
        (axes,) = made.axes
        assert [bar.get_width() for bar in axes.patches] == pytest.approx(dots.x.tolist())
        names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [name for name, _ in dots.customdata]


@pytest.fixture
def offsets() -> pd.DataFrame:
    names = [*(f"offset:{place:+d}" if place else "offset:0" for place in range(-10, 11))]
    names.append("offset:far")
    percent = np.linspace(1, 8, len(names))
    return pd.DataFrame(
        {
            "feature": names,
            "percent": percent,
            "interval_lower": percent - 0.5,
            "interval_upper": percent + 0.7,
            "background_percent": [np.nan, *[3.0] * (len(names) - 1)],
            "arcs": 120,
        }
    )


def test_an_offset_is_a_bar_with_interval_and_background(offsets: pd.DataFrame) -> None:
    figure = offsets_chart(offsets, TITLE)
    bars, background = trace(figure, "share of the arcs"), trace(figure, "background")
    assert bars.y.tolist() == offsets["percent"].tolist()
    assert (bars.y - bars.error_y.arrayminus).tolist() == pytest.approx(offsets["interval_lower"])
    assert (bars.y + bars.error_y.array).tolist() == pytest.approx(offsets["interval_upper"])
    np.testing.assert_array_equal(background.y, offsets["background_percent"])
    assert bars.customdata[0] == "−10: 1.0 % (0.5–1.7)"
    assert bars.customdata[10] == "itself: 4.3 % (3.8–5.0), background 3.0 %"
    assert bars.customdata[-1] == "further than 10: 8.0 % (7.5–8.7), background 3.0 %"
    assert figure.layout.xaxis.ticktext == ("−10", "−5", "0", "+5", "far")
    assert figure.layout.yaxis.range[1] > 8.7
    assert titles(figure) == list(TITLE)
    figure = offsets_chart(offsets.assign(background_percent=np.nan), TITLE)
    assert [one.name for one in figure.data] == ["share of the arcs"]


def test_offsets_in_print_are_those_on_screen(offsets: pd.DataFrame) -> None:
    bars = trace(offsets_chart(offsets, TITLE), "share of the arcs")
    source = Source(models="M", results="run", n="n = 3 proteins")
    with drawn(offsets_figure(offsets, source, "2-1", "m")) as (made, _):
        heights = [bar.get_height() for bar in made.axes[0].patches]
    assert heights == pytest.approx(bars.y.tolist())
