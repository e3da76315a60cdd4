"""Each figure of the page and its twin for print show the same cells, labels, units and n."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.heads.heads_screen import head_heatmap
from dashboard.figures.look.scale import find_scale
from dashboard.figures.top_heads.top_heads_screen import top_heads_chart
from dashboard.pages.alignments.columns_screen import columns_chart
from dashboard.pages.alignments.distance_map_print import distance_figure
from dashboard.pages.alignments.distance_map_screen import distance_map
from dashboard.pages.alignments.rows_print import rows_figure
from dashboard.pages.alignments.rows_screen import rows_chart
from dashboard.pages.amino_acids.shares_screen import shares_chart
from dashboard.pages.amino_acids.small_heatmaps_screen import small_heatmaps_chart
from dashboard.pages.amino_acids.top_by_model_screen import top_by_model_chart
from dashboard.pages.compare.differences_screen import difference_map, difference_scatter
from dashboard.pages.compare.distributions_screen import distributions
from dashboard.pages.compare.properties_screen import properties_chart
from dashboard.pages.compare.protein_pairs_screen import pair_map
from dashboard.pages.heads.offsets_screen import offsets_chart
from dashboard.pages.layers.centres_screen import centres
from dashboard.pages.layers.layer_panels_print import PAPER_FEATURES as LAYER_FEATURES
from dashboard.pages.layers.layer_panels_screen import layer_panel
from dashboard.pages.layers.probes_print import probes_figure, probes_source
from dashboard.pages.layers.probes_screen import probe_panel, say_scored
from dashboard.pages.live.arcs.attention_map_screen import attention_map
from dashboard.pages.live.heads.protein_heads_screen import heads_map
from dashboard.pages.live.together.together_screen import full_score, together_map
from dashboard.pages.live.two.soft_alignment_screen import soft_alignment_map
from dashboard.pages.substitution.matrix_screen import Matrix, matrix_chart
from dashboard.pages.substitution.pairs_screen import pairs_chart
from dashboard.results.alignments import DistanceMap, Measure, published_map
from dashboard.results.probes import ProbeRun, read_curves
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.clustering import cluster
from precompute.features import FEATURES
from precompute.layers import centre_row, layer_frame
from precompute.live.arcs import labelled_chain
from precompute.pairs import pair_name
from precompute.probes.tasks import label_of
from precompute.published import read_published
from precompute.tables import PUBLISHED_PROBES
from tests.dashboard.live.test_drawings import FRAME
from tests.precompute.live.test_arcs import PROTEIN, RESIDUES
from tests.print_figures import PRINTED, heads_of, pairs, predicted, rows_of, source
from tests.probed import write_probes
from tests.twins import Print, Screen, numbers, plain, sample_of

NAMES = ("Model <A> & co", "data set")


def same_header(screen: Screen, printed: Print) -> None:
    """Both say property, model, source and n above the figure."""
    assert sample_of(screen.texts) == sample_of(printed.texts) != set()


@pytest.mark.parametrize("measure", ["percent", "enrichment", "z"])
@pytest.mark.parametrize("model", ["tape_bert", "prot_xlnet"])
def test_heads(model: str, measure: str) -> None:
    frame: pd.DataFrame = heads_of(model).assign(z=lambda table: table["percent"] - 3)
    origin = replace(source(NAMES, "Contact"), models=NAMES[0])
    paper = heads_figure(frame, origin, measure)
    scale = find_scale([frame], measure)
    screen = Screen(head_heatmap(frame, scale, origin.header))
    printed = Print(paper)
    assert screen.cells == printed.cells
    assert screen.grey == printed.grey
    assert screen.bars == printed.bars
    assert screen.units == printed.units
    assert screen.texts[0] == plain(" ".join(origin.header))
    assert printed.texts[0].startswith(screen.texts[0])
    same_header(screen, printed)


def test_layers() -> None:
    paper = PRINTED["layers"](NAMES)
    printed = Print(paper, 183)
    bars: list[float] = []
    for feature in LAYER_FEATURES:
        heads = heads_of("prot_albert", feature)
        layers = layer_frame(heads)
        panel = layer_panel(layers, centre_row(heads, layers), ("A", "n = 5"))
        screen = Screen(panel)
        bars += screen.bars
        assert screen.units == printed.units
        (centre,) = (shape.x0 for shape in panel.layout.shapes if shape.name == "centre")
        assert numbers([centre])[0] in numbers(paper.frame["centre"])
        said = screen.texts[0].split("centre ")[1].split(" (")[0]
        assert any(said in text for text in printed.texts)
    assert sorted(bars) == printed.bars


def test_centres() -> None:
    paper = PRINTED["centres"](NAMES)
    screen, printed = Screen(centres(paper.frame, list(NAMES), axis="depth")), Print(paper, 183)
    assert screen.points() == printed.points != []
    assert screen.names == [name for name in printed.names if name in NAMES]
    assert screen.units == printed.units


def test_probes() -> None:
    paper = PRINTED["probes"](NAMES)
    printed = Print(paper, 183)
    lines: list[tuple[float, float]] = []
    for feature, rows in paper.frame.groupby("feature", sort=False):
        screen = Screen(probe_panel(rows, FEATURES[str(feature)].label))
        lines += screen.points()
        assert screen.units - {"layer"} <= printed.units
        assert FEATURES[str(feature)].label in screen.texts[0]
        assert any(FEATURES[str(feature)].label in text for text in printed.texts)
    assert sorted(lines) == printed.lines


def test_measured_probes(tmp_path: Path) -> None:
    run = write_probes(tmp_path, "m-structures-probes-1", "esm2_t6_8m")
    own = ProbeRun(run, str(tmp_path), "esm2_t6_8m", "ESM-2 8M", "structures", 40)
    curves = read_curves(own, "corrected")
    frame = pd.concat([read_published(PUBLISHED_PROBES), curves], ignore_index=True)
    frame = frame[frame["feature"].isin(["contact", "secondary_structure_8"])]
    paper = probes_figure(frame, probes_source(frame))
    printed = Print(paper, 183)
    points: list[tuple[float, float]] = []
    for (feature, _), rows in frame.groupby(["feature", "model"], sort=False):
        screen = Screen(probe_panel(rows, label_of(str(feature))))
        points += screen.points()
        assert screen.units - {"layer"} <= printed.units
        ends = [t.error_y for t in screen.traces("scatter") if t.error_y.array is not None]
        assert len(ends) == (2 if rows["lower"].notna().any() else 0)
    assert sorted(points) == printed.lines
    assert "TapeBert, ESM-2 8M" in paper.source.models
    assert "control" in paper.caption
    said = say_scored(curves[curves["feature"] == "contact"])
    assert said == f"n = {curves['proteins'].iloc[0]} proteins"
    assert said in Screen(probe_panel(curves, "Contact", said)).texts[0]
    assert [
        said.removesuffix(" proteins") in axes.get_title(loc="left") for axes in printed.axes
    ].count(True) == 2
    assert say_scored(read_published(PUBLISHED_PROBES)) == ""


def test_two_probings_of_one_model_are_two_panels(tmp_path: Path) -> None:
    frames = []
    for name in ("m-structures-probes-1", "m-structures-probes-2"):
        run = write_probes(tmp_path, name, "esm2_t6_8m")
        own = ProbeRun(run, str(tmp_path), "esm2_t6_8m", "ESM-2 8M", "structures", 40)
        curves = read_curves(own, "corrected")
        frames.append(curves[curves["feature"] == "contact"])
    frame = pd.concat(frames, ignore_index=True)
    paper = probes_figure(frame, probes_source(frame))
    assert "Measured on structures (runs m-structures-probes-1, m-str" in paper.full_caption
    assert paper.source.header[1] == "measured, structures"
    printed = Print(paper, 183)
    *panels, key = printed.axes
    assert len(panels) == 2
    # The key is above all panels, where no line runs.
    assert len(key.get_legend().get_texts()) == 4
    assert key.get_position().y0 >= max(axes.get_position().y1 for axes in panels)
    for axes in panels:
        assert axes.get_legend() is None
        assert all((np.diff(line.get_xdata()) > 0).all() for line in axes.get_lines())


def test_differences() -> None:
    paper = PRINTED["differences"](NAMES)
    printed = Print(paper, 183)
    known = source(NAMES, "Contact")
    chart = Screen(difference_map(paper.frame, known.header))
    assert chart.cells == printed.cells
    assert chart.grey == printed.grey
    dots = Screen(difference_scatter(paper.frame, NAMES, "Each head in both"))
    assert dots.points() == printed.points
    assert dots.units == {"Model <A> & co %", "data set %"}
    assert chart.units | dots.units == printed.units
    assert sample_of(chart.texts) == sample_of(printed.texts) != set()


def test_pairs_of_proteins() -> None:
    paper = PRINTED["paired"](NAMES)
    printed = Print(paper, 183)
    cells, grey, units, texts = [], [], set(), []
    for relation in paper.frame["relation"].unique():
        screen = Screen(pair_map(paper.frame, relation, paper.source.header))
        cells += screen.cells
        grey += screen.grey
        units |= screen.units
        texts += screen.texts
    assert cells == printed.cells
    assert len(cells) == 3
    assert grey == printed.grey
    assert units == printed.units
    assert sample_of(texts) == sample_of(printed.texts) != set()


def test_distributions() -> None:
    one, two = heads_of("prot_bert"), heads_of("prot_bert_bfd")
    paper = PRINTED["distributions"](NAMES)
    screen, printed = Screen(distributions((one, two), NAMES)), Print(paper, 183)
    drawn = [trace for trace in screen.traces("scatter") if trace.line.shape == "hv"]
    assert len(drawn) == 2
    for trace, frame in zip(drawn, (one, two), strict=True):
        steps = set(zip(numbers(trace.x), numbers(trace.y), strict=True))
        assert len(steps) > 0.5 * frame["percent"].nunique()
        assert steps <= set(printed.lines)
    assert screen.units == printed.units
    assert set(screen.names) <= set(printed.names)


def test_properties() -> None:
    paper = PRINTED["properties"](NAMES)
    screen = Screen(properties_chart(paper.frame, NAMES, "contact"))
    printed = Print(paper, 183)
    assert screen.points() == printed.points != []
    assert screen.units == printed.units
    assert screen.names == [name for name in printed.names if name in screen.names]
    assert len(screen.names) == len(paper.frame)
    assert [trace.name for trace in screen.figure.data] == ["Model &lt;A&gt; &amp; co", "data set"]


def test_matrices() -> None:
    frame, r = pairs()
    tree = cluster(r)
    paper = PRINTED["matrices"](NAMES)
    matrices = [
        Matrix(frame[name].to_numpy(dtype=float), measure, ("", ""))
        for name, measure in (("correlation", "r"), ("score", "BLOSUM62 score"))
    ]
    screen = Screen(matrix_chart(matrices, tree.order, tree=tree))
    printed = Print(paper, 183)
    assert screen.cells == printed.cells
    assert screen.units == printed.units
    letters = [LETTERS[place] for place in tree.order]
    assert screen.names[:20] == letters == printed.names[:20]


def test_pairs() -> None:
    frame, _ = pairs()
    says = {pair_name(one, other): "" for one in LETTERS for other in LETTERS if one != other}
    axes = ("BLOSUM62 score", "r of attention")
    screen = Screen(pairs_chart(frame, ("", ""), axes, says))
    printed = Print(PRINTED["scatter"](NAMES), 183)
    assert screen.points() == printed.points
    assert screen.units == set(axes) == printed.units


@pytest.mark.parametrize(("name", "sides"), [("highest", 1), ("both", 2)])
def test_highest_heads(name: str, sides: int) -> None:
    paper = PRINTED[name](NAMES)
    printed = Print(paper, 183)
    parts = [part for _, part in paper.frame.groupby("side", sort=False)] if sides > 1 else []
    screens = [
        Screen(top_heads_chart(part.reset_index(drop=True), source(NAMES, "Contact").header))
        for part in parts or [paper.frame]
    ]
    assert len(screens) == sides
    assert sorted(x for one in screens for x, _ in one.points()) == printed.bars
    for one in screens:
        assert one.units <= printed.units | {"layer-head"}
        assert set(one.names) <= set(printed.names)
        assert sample_of(one.texts) == sample_of(printed.texts) != set()


def test_offsets() -> None:
    paper = PRINTED["offsets"](NAMES)
    screen = Screen(offsets_chart(paper.frame, source(NAMES).header))
    printed = Print(paper, 183)
    assert screen.bars == printed.bars
    assert screen.units == printed.units
    assert sample_of(screen.texts) == sample_of(printed.texts) != set()


def test_small_maps() -> None:
    printed = Print(PRINTED["amino_acids"](NAMES))
    frames = {letter: heads_of("tape_bert", f"amino_acid:{letter}") for letter in LETTERS}
    screen = Screen(small_heatmaps_chart(frames, LETTERS))
    shares = [numbers(np.array(cells) / max(cells)) for cells in screen.cells]
    np.testing.assert_allclose(shares, printed.cells, rtol=1e-4)  # for print each has its own end
    assert screen.grey == printed.grey
    assert screen.texts == [
        f"{letter} {frame['percent'].max():.1f}" for letter, frame in frames.items()
    ]
    shared = small_heatmaps_chart(frames, LETTERS, shared=True)
    highest = max(frame["percent"].max() for frame in frames.values())
    assert {trace.zmax for trace in shared.data} == {highest}


def test_shares() -> None:
    paper = PRINTED["shares"](NAMES)
    screen = Screen(shares_chart(paper.frame, BY_CHEMISTRY, ("Head", "n = 5")))
    printed = Print(paper, 183)
    assert screen.bars == printed.bars
    assert screen.names == list(BY_CHEMISTRY) == printed.names[:20]
    assert screen.units == printed.units


def test_highest_heads_of_several_models() -> None:
    paper = PRINTED["models"](NAMES)
    tops = [
        ((str(model), "published, n = 5"), part.reset_index(drop=True))
        for model, part in paper.frame.groupby("model", sort=False)
    ]
    screen, printed = Screen(top_by_model_chart(tops)), Print(paper, 183)
    assert screen.bars == printed.bars
    assert screen.units == printed.units
    assert set(screen.names) <= set(printed.names)


def test_heads_of_one_protein() -> None:
    paper = PRINTED["protein_heads"](NAMES)
    screen = Screen(heads_map(paper.frame, source(NAMES).header, "% of the head's arcs"))
    printed = Print(paper)
    assert screen.cells == printed.cells != [[]]
    assert screen.grey == printed.grey
    assert screen.units == printed.units


def test_attention_on_one_protein() -> None:
    contacts = labelled_chain(PROTEIN).contact_states()
    names = [str(place) for place in range(1, RESIDUES + 1)]
    screen = Screen(attention_map(FRAME, names, contacts, source(NAMES, "Attention").header))
    printed = Print(PRINTED["protein_map"](NAMES))
    (read,) = screen.traces("scatter")
    (cells,) = screen.traces("heatmap")
    arcs = {(int(row), int(column)) for row, column in zip(read.y, read.x, strict=True)}
    grey, shown = (
        {tuple((path.vertices[:4].mean(axis=0))[::-1].astype(int)) for path in one.get_paths()}
        for axes in printed.axes
        for one in axes.collections
    )
    assert arcs == shown == set(zip(FRAME["i"], FRAME["j"], strict=True))
    without = {
        (row + 1, column + 1)
        for row, column in np.argwhere(np.char.find(cells.text.astype(str), "no attention") >= 0)
    }
    assert without == grey - arcs != set()
    assert screen.units == printed.units


def test_heads_together() -> None:
    contacts, found = labelled_chain(PROTEIN).contact_states(), predicted()
    assert contacts is not None
    names = [f"A{place + 1}" for place in range(RESIDUES)]
    screen = Screen(together_map(found, names, contacts, source(NAMES, "Mean").header))
    printed = Print(PRINTED["together"](NAMES))
    touching, scores = screen.traces("heatmap")
    cells, grey, *dots = printed.axes[0].collections
    centres = [path.vertices[:4].mean(axis=0).astype(int) for path in cells.get_paths()]
    strong = np.argwhere(scores.z >= 0.03 * full_score(found)) + 1
    assert {(row, column) for column, row in centres} == set(map(tuple, strong.tolist())) != set()
    assert set(map(tuple, grey.get_offsets()[:, ::-1].astype(int).tolist())) == set(
        map(tuple, (np.argwhere(touching.z == 1) + 1).tolist())
    )
    drawn = {
        trace.name: {(int(x[1:]), int(y[1:])) for x, y in zip(trace.x, trace.y, strict=True)}
        for trace in screen.traces("scatter")
    }
    printed_dots = [set(map(tuple, one.get_offsets().astype(int).tolist())) for one in dots]
    empty: set[tuple[int, int]] = set()
    assert printed_dots == [drawn.get(f"predicted, {word}", empty) for word in ("right", "wrong")]
    assert sum(map(len, printed_dots)) == len(found.pairs) > 0


def test_a_soft_alignment() -> None:
    values = np.random.default_rng(3).random((90, 140), dtype=np.float32)
    names = tuple([f"A{place}" for place in range(size)] for size in values.shape)
    screen = Screen(soft_alignment_map(values, (names[0], names[1]), NAMES, ("", "")))
    mesh = Print(PRINTED["soft_alignment"](NAMES)).axes[0].collections[0]
    (cells,) = screen.traces("heatmap")
    np.testing.assert_allclose(cells.z, mesh.get_array(), atol=6e-5)
    assert (cells.zmin, cells.zmax) == pytest.approx(mesh.get_clim())


@pytest.mark.parametrize("control", ["none", "rows"])
def test_column_distance(control: str) -> None:
    shown = published_map(Measure(control=control))
    frame = shown.frame.copy()
    frame.loc[[0, 40], "correlation"] = np.nan
    shown = DistanceMap(None, shown.measure, "", frame)
    origin = replace(source(NAMES, "ρ with distance in ML trees"), models=NAMES[0])
    screen = Screen(distance_map(shown, 0.6, origin.header, 450))
    printed = Print(distance_figure(shown, origin, 0.6))
    assert screen.cells == printed.cells
    assert screen.grey == printed.grey == [2]
    assert screen.bars == printed.bars != []
    assert screen.units == printed.units
    assert screen.texts[0] == plain(" ".join(origin.header))
    assert printed.texts[0].startswith(screen.texts[0])
    same_header(screen, printed)


def test_rows_of_an_alignment() -> None:
    own = rows_of(NAMES, 12)
    tree = cluster(1.0 - own.distances.astype(float))
    titles = (("Head 1-2", "n = 12 rows"), ("Hamming", ""))
    screen = Screen(rows_chart(own, tree, titles, (0, 1)))
    printed = Print(rows_figure(own, tree, source(NAMES), "1-2"))
    assert screen.cells == printed.cells
    assert len(screen.cells[0]) == 12 * 11
    assert (
        screen.units
        == printed.units
        == {"attention, both directions", "Hamming distance, share of columns"}
    )
    (branches,) = (trace for trace in screen.traces("scatter") if trace.name == "tree")
    drawn = {
        (round(float(x), 3), round(float(y), 3))
        for x, y in zip(branches.x, branches.y, strict=True)
    }
    lines = {(round(x, 3), round(y, 3)) for x, y in printed.lines}
    assert {place for place in drawn if np.isfinite(place).all()} == lines
    assert [name.split(":")[0] for name in screen.names[:12]] == [
        str(place + 1) for place in tree.order
    ]


def test_columns_of_an_alignment() -> None:
    own = rows_of(NAMES)
    screen = Screen(columns_chart(own, ("Head 1-2", "n = 70 rows")))
    printed = Print(PRINTED["alignment_columns"](NAMES))
    assert screen.bars == printed.bars
    assert screen.units == printed.units
