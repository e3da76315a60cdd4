"""Live's figures for print: room, type, vectors whose values can be read back, their source."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures.printing.figure import LIVE, PaperFigure, Source
from dashboard.figures.printing.legend import legend_rows
from dashboard.figures.printing.save import save
from dashboard.figures.printing.style import TICK_SIZE, text_width
from dashboard.pages.live.arcs.arc_diagram_print import arc_diagram_figure
from dashboard.pages.live.arcs.arc_diagram_screen import arc_heights, residue_tracks
from dashboard.pages.live.arcs.attention_map_print import attention_map_figure
from dashboard.pages.live.heads.protein_heads_print import protein_heads_figure
from precompute.live.arc_colours import Key, colour_arcs, legend
from precompute.live.arcs import Rule, choose_arcs, labelled_chain
from tests.dashboard.live.test_drawings import FRAME
from tests.precompute.live.test_arcs import ATTENTION, PROTEIN, RESIDUES
from tests.printing import WIDTHS, check_print, drawn

SOURCE = Source(
    models="A model, head 1-2", results=LIVE, feature="Arcs on test, chain A", n="n = 1 protein"
)
CHOSEN = choose_arcs(ATTENTION.head(1, 2), PROTEIN, Rule(0.1)).frame
ARCS = CHOSEN.assign(colour=colour_arcs(CHOSEN, "contact"), head="1-2")
KEYS = (*legend("contact"), Key("#cc79a7", "helix"), Key("#b8a800", "strand"))


READ = np.arange(RESIDUES) > 3


def diagram(arcs: pd.DataFrame = ARCS, keys: tuple[Key, ...] = KEYS) -> PaperFigure:
    return arc_diagram_figure(
        *(arcs, PROTEIN, READ, keys, SOURCE, "all"),
    )


def heads(layers: int = 2, count: int = 3, grey: float = 0.2) -> PaperFigure:
    random = np.random.default_rng(layers * count)
    layer, head = (place.ravel() + 1 for place in np.indices((layers, count)))
    arcs = random.integers(1, 90, len(layer))
    hits = random.binomial(arcs, 0.4)
    percent = np.where(random.random(len(layer)) < grey, np.nan, 100 * hits / arcs)
    frame = pd.DataFrame(
        {"layer": layer, "head": head, "arcs": arcs, "hits": hits, "percent": percent}
    )
    return protein_heads_figure(
        frame, [(layers, count)], SOURCE, "A share.", "% of the head's arcs"
    )


def attention_map() -> PaperFigure:
    contacts = labelled_chain(PROTEIN).contact_states()
    return attention_map_figure(FRAME, contacts, RESIDUES, SOURCE, 0.02)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [diagram, heads, attention_map])
def test_there_is_room(make: Callable[[], PaperFigure], width: int) -> None:
    check_print(make(), width, "a")


@pytest.mark.parametrize(("layers", "count"), [(1, 16), (12, 12), (12, 64), (30, 16), (36, 40)])
@pytest.mark.parametrize("width", WIDTHS)
def test_any_model_has_room(layers: int, count: int, width: int) -> None:
    check_print(heads(layers, count), width)


def test_the_diagram_has_a_line_for_each_arc_of_its_height_and_colour() -> None:
    from matplotlib.colors import to_hex

    with drawn(diagram()) as (figure, _):
        (lines,) = [one for one in figure.axes[0].collections if hasattr(one, "get_segments")]
        segments, colours = lines.get_segments(), lines.get_colors()
    assert len(segments) == len(ARCS)
    for segment, colour, arc in zip(segments, colours, ARCS.to_dict("records"), strict=True):
        assert {segment[0, 0], segment[-1, 0]} == {arc["i"], arc["j"]}
        assert to_hex(colour) == arc["colour"]
        longest = ARCS["separation"].max()
        assert segment[:, 1].max() == pytest.approx((arc["separation"] / longest) ** 0.6, abs=0.01)


def test_tracks_cover_the_residues_that_have_the_label() -> None:
    chain = PROTEIN.chain
    assert chain is not None
    tracks = residue_tracks(chain, READ)
    assert [name for name, _ in tracks] == ["structure", "binding", "modified", "not read"]
    runs = {name: found for name, found, *_ in tracks}
    for name, labels in (("binding", chain.binding_site), ("not read", ~READ)):
        covered = np.zeros(RESIDUES, dtype=bool)
        for first, last, _ in runs.get(name, []):
            covered[first:last] = True
        expected = np.zeros(RESIDUES, dtype=bool) if labels is None else labels.astype(bool)
        np.testing.assert_array_equal(covered, expected)


def test_no_arcs_are_a_figure_too() -> None:
    figure = diagram(ARCS.head(0), ())
    check_print(figure)
    assert "0 arcs over the sequence" in figure.caption
    assert arc_heights(ARCS.head(0)).shape == (0,)


def test_heads_are_the_frame_and_grey_ones_have_no_value() -> None:
    figure = heads(3, 4, 0.4)
    with drawn(figure) as (made, _):
        values = made.axes[0].collections[0].get_array()
    grid = figure.frame.pivot(index="layer", columns="head", values="percent").to_numpy()
    np.testing.assert_array_equal(np.ma.getmaskarray(values), np.isnan(grid))
    np.testing.assert_allclose(values.filled(np.nan), grid)


@pytest.mark.parametrize("make", [diagram, heads, attention_map])
def test_a_live_figure_never_claims_the_papers_values(make: Callable[[], PaperFigure]) -> None:
    figure = make()
    assert "Vig" not in figure.full_caption
    assert "Computed live with the model's weights, n = 1 protein." in figure.full_caption
    document = save(figure, "svg").decode()
    assert "computed live, n = 1 protein" in document
    assert "Vig et al." not in document
    assert "<image" not in document
    assert save(figure, "pdf").startswith(b"%PDF")


def test_the_same_figure_is_the_same_file() -> None:
    assert save(diagram(), "pdf") == save(diagram(), "pdf")


@given(
    st.lists(st.text("abcdefgh ≥1234", min_size=1, max_size=30), max_size=12),
    st.sampled_from(tuple(WIDTHS)),
)
def test_a_legend_keeps_to_its_width_and_order(labels: list[str], width: int) -> None:
    keys = [Key("#000000", label) for label in labels]
    rows = legend_rows(keys, width)
    assert [key for row in rows for _, key in row] == keys
    for row in rows:
        places = [place for place, _ in row]
        ends = [place + text_width(key.label, TICK_SIZE) for place, key in row]
        assert places[0] == 0
        assert all(end < place for end, place in zip(ends, places[1:], strict=False))
        assert ends[-1] <= width


def test_arcs_that_are_left_out_are_counted() -> None:
    two = pd.concat([ARCS, ARCS.assign(head="1-3")])
    for arcs, found, said in (
        (ARCS, None, f": {len(ARCS)} arcs over"),
        (ARCS, len(ARCS), f": {len(ARCS)} arcs over"),
        (ARCS, 1829, f": the strongest {len(ARCS)} of 1,829 arcs over"),
        (two, 1829, f": the strongest {len(two)} of 1,829 arcs (of each head so many) over"),
    ):
        figure = arc_diagram_figure(arcs, PROTEIN, READ, KEYS, SOURCE, "all", found)
        assert said in figure.caption
