"""Every figure of every page can be taken along, and is drawn with room for its words."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import plotly.graph_objects as go
import plotly.io
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.figures.printing.figure import PaperFigure
from dashboard.page import takeaway
from dashboard.page.interactive import write_json
from dashboard.results.loaded import RESULTS_VARIABLE
from tests import measured, positions
from tests.charts import given
from tests.measured_alignments import measured_alignments
from tests.pages.test_live import live
from tests.printing import check_print

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
TAPE = "tape_bert:published"
NO_CHART = {"live_diagram", "substitution_models", "substitution_furthest"}
"""What the page shows as arcs over a sequence or as a table."""
OWN = f"tape_bert:{measured.TAPE_RUN}"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, results_folder: Path) -> str:
    own = positions.write_positions(tmp_path_factory.mktemp("positions"))
    aligned, _ = measured_alignments(tmp_path_factory.mktemp("aligned"))
    return f"{results_folder},{own},{aligned}"


class Taken(NamedTuple):
    """What a button offers: the figure for print, and the chart of the page."""

    figure: PaperFigure
    chart: go.Figure | None


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, Taken]:
    """What the pages offer to take along, by the key of the button."""
    found: dict[str, Taken] = {}

    def note(
        figure: PaperFigure, chart: go.Figure | Callable[[], go.Figure] | None, key: str
    ) -> None:
        assert key not in found
        found[key.removesuffix("_take")] = Taken(figure, chart() if callable(chart) else chart)

    monkeypatch.setattr(takeaway, "unfold", lambda _label, _key, draw: draw())
    monkeypatch.setattr(takeaway, "_draw_choices", note)
    return found


@pytest.mark.parametrize(
    ("page", "parameters", "keys"),
    [
        ("1_Heads", {"models": "tape_bert"}, {"heatmap_.*", "top_heatmap_.*"}),
        (
            "1_Heads",
            {"models": positions.MODEL, "head": f"{positions.MODEL}.2.1", "measure": "z"},
            {"heatmap_.*", "top_heatmap_.*", "offsets_.*"},
        ),
        (
            "3_Amino_acids",
            {"source": OWN, "head": "12.4"},
            {f"amino_acids_{name}" for name in ("maps", "large", "head", "models")},
        ),
        (
            "4_Substitution",
            {},
            {f"substitution_{name}" for name in ("matrices", "pairs", "furthest", "models")},
        ),
        (
            "5_Layers",
            {"source": [TAPE, OWN], "feature": ["binding_site", "amino_acid:P"]},
            {f"layers_{name}" for name in ("panels", "centres", "probes")},
        ),
        (
            "6_Compare",
            {"first": TAPE, "second": OWN, "feature": "binding_site"},
            {f"compare_{name}" for name in ("heads", "distributions", "tops", "properties")},
        ),
        (
            "7_Alignments",
            {"head": "2.3"},
            {"alignments_map_measured", "alignments_map_published"}
            | {"alignments_conservation", "alignments_rows", "alignments_columns"},
        ),
        (
            "6_Compare",
            {},
            {f"compare_{name}" for name in ("distributions", "tops", "properties")},
        ),
        ("6_Compare", {"part": "clusters"}, {"compare_clusters"}),
    ],
)
def test_every_figure_can_be_taken_along(
    page: str,
    parameters: dict[str, str | list[str]],
    keys: set[str],
    folders: str,
    taken: dict[str, Taken],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, folders)
    app = AppTest.from_file(str(ENTRY), default_timeout=120)
    app.switch_page(f"pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    check_figures(app, taken, keys)
    said = " ".join(caption.value for caption in app.caption)
    assert re.search(
        r"interval|in brackets|sampling unit|resampled|n = \d+ and \d+ heads", said, re.I
    )


@pytest.mark.parametrize("by", ["contact", "marked"])
def test_every_figure_of_a_protein_can_be_taken_along(
    by: str, taken: dict[str, Taken], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    live(protein="example:1MVO", threshold="0.10")  # from here on the attention is known
    taken.clear()
    app = live(protein="example:1MVO", threshold="0.10", also="1-5", by=by, residue="51")
    check_figures(app, taken, {"live_map", "live_diagram", "live_heads"})


def check_figures(app: AppTest, taken: dict[str, Taken], keys: set[str]) -> None:
    """Check that there are these figures, with room, and that the page says what they show."""
    for key in keys:
        assert any(re.fullmatch(key, name) for name in taken), f"nothing to take: {key}"
    assert len(taken) == len(keys)
    for key, (figure, chart) in taken.items():
        assert len(figure.frame), key
        assert figure.full_caption.endswith(".")
        assert (chart is None) == (key in NO_CHART), key
        if chart is not None:
            check_json(chart, figure)
        for width in (89, 183):
            check_print(figure, width, "A")
    check_words(app)


def check_json(chart: go.Figure, figure: PaperFigure) -> None:
    """Check that Plotly reads the chart's JSON as the figure that was written."""
    text = write_json(chart, figure).decode()
    again = plotly.io.from_json(text)
    assert len(again.data)
    same = (json.loads(one.to_json(validate=False))["data"] for one in (again, chart))
    assert next(same) == next(same)
    assert again.layout.meta["caption"] == figure.full_caption


def check_words(app: AppTest) -> None:
    """Check that every drawing says what it shows, and the page n."""
    markup = [element.value for element in app.markdown]
    for element in app.get("bidi_component"):
        data = given(element) or {}
        markup.append(data.get("markup", ""))
        if "figure" in data:
            markup.append(f'<img alt="{html.escape(data["alt"])}">')
    pictures = [tag for text in markup for tag in re.findall(r"<(?:svg|img)[^>]*>", text)]
    assert pictures
    for tag in pictures:
        named = re.search(r'(?:aria-label|alt)="([^"]+)"', tag)
        assert named, tag
        assert len(named[1]) > 20
        assert tag.startswith("<img") or 'role="img"' in tag
    said = " ".join(caption.value for caption in app.caption)
    assert re.search(r"n [=≤] [\d,]+", said + " ".join(markup))
