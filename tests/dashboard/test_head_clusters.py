"""Heads of several models in clusters: what is used, what is grey, on screen and in print."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashboard.figures.look.style import categories
from dashboard.pages.compare.clusters_print import clusters_figure
from dashboard.pages.compare.clusters_screen import cluster_map
from dashboard.results import head_clusters, loaded
from dashboard.results.head_clusters import HeadClusters, cluster_sources
from dashboard.results.heads import Heads
from dashboard.results.reader import read_runs
from dashboard.results.sources import Loaded, list_sources
from precompute.errors import AtlasError
from precompute.head_clusters import cluster_heads
from precompute.tables import HEAD_SHAPE, write_table
from tests import positions
from tests.print_figures import source
from tests.twins import Print, Screen, plain


def papers(*models: str) -> list[Heads]:
    sources = list_sources(Loaded())
    return [loaded.read_heads(sources[f"{model}:published"]) for model in models]


FIVE = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")


@pytest.fixture(scope="module")
def five() -> HeadClusters:
    return cluster_sources(papers(*FIVE), 8)


def test_the_papers_five_models_are_clustered_by_shares_alone(five: HeadClusters) -> None:
    assert len(five.frame) == 144 + 768 + 3 * 480
    assert len(five.used) == 27
    assert five.left_out == ()
    values = five.frame[list(five.used)].to_numpy(dtype=float)
    grey = np.isnan(values).any(axis=1)
    assert (five.frame["cluster"].isna() == grey).all()
    again = cluster_heads(values, 8)
    assert five.frame["cluster"].fillna(0).tolist() == again.of.tolist()
    # A head of one amino acid and the helix it is in: the paper's figure of ProtAlbert has it.
    assert "Leucine (L), Helix" in five.names


def test_the_table_holds_means_and_numbers_of_each_cluster(five: HeadClusters) -> None:
    table, frame = five.summary.set_index("cluster"), five.frame
    assert table.index.tolist() == list(range(9))
    assert table.loc[0, "heads"] == table.loc[1:, "heads"].sum() == frame["cluster"].notna().sum()
    own = frame[(frame["cluster"] == 3) & (frame["model"] == "prot_bert")]
    assert table.loc[3, "prot_bert:published"] == len(own)
    mean = frame.loc[frame["cluster"] == 3, "contact"].mean()
    assert table.loc[3, "contact"] == pytest.approx(mean)


def test_the_order_of_models_changes_nothing(five: HeadClusters) -> None:
    turned = cluster_sources(papers(*FIVE[::-1]), 8)
    place = ["key", "layer", "head"]
    one, other = (found.frame.set_index(place).sort_index()["cluster"] for found in (five, turned))
    assert one.equals(other)
    assert five.names == turned.names


def test_what_heads_are_like_counts_where_all_know_it(tmp_path: Path) -> None:
    folder = positions.write_positions(tmp_path)
    run = read_runs(str(folder))[0]
    own = list_sources(Loaded((str(folder),), (run,)))[f"{run.model}:{run.name}"]
    without = cluster_sources([loaded.read_heads(own)], 2)
    assert "entropy" not in without.used
    rows = [
        {
            **{"run": run.name, "model": run.model, "dataset": run.dataset, "attention": "self"},
            **{"layer": layer, "head": head, "residues": 200, "entropy": 100.0 * layer * head},
            **{"distance": 9.0, "to_residues": 150.0, "diagonal": 30.0, "special": 50.0 / head},
        }
        for layer in range(1, run.layers + 1)
        for head in range(1, run.heads + 1)
    ]
    write_table(folder, HEAD_SHAPE, pd.DataFrame(rows), run=run.name)
    alone = cluster_sources([loaded.read_heads(own)], 2)
    assert {"entropy", "special_percent"} <= set(alone.used)
    assert {"distance", "diagonal_percent"} <= set(alone.left_out)  # the same in all heads
    beside = cluster_sources([*papers("tape_bert"), loaded.read_heads(own)], 2)
    assert "entropy" in beside.left_out
    assert "contact" in beside.used


def test_too_many_heads_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_clusters, "MOST_HEADS", 600)
    with pytest.raises(AtlasError, match="624 heads are too many"):
        cluster_sources(papers("tape_bert", "prot_bert"), 11)


@pytest.mark.parametrize("count", [2, 7, 8, 12])
def test_screen_and_print_show_the_same(count: int) -> None:
    both = papers("tape_bert", "prot_albert")
    found = cluster_sources(both, count)
    titles = {own.source.key: f"{own.label} <b>" for own in both}
    printed = Print(clusters_figure(found, titles, source(("A", "B"))))
    screens = [
        Screen(cluster_map(found.own(key), found.names, (title, "n")))
        for key, title in titles.items()
    ]
    assert [cells for screen in screens for cells in screen.cells] == printed.cells
    assert [grey for screen in screens for grey in screen.grey] == printed.grey
    for screen, title in zip(screens, titles.values(), strict=True):
        assert screen.texts[0].startswith(plain(title))
        scale = screen.traces("heatmap")[0]
        shown = [
            min(scale.colorscale, key=lambda stop: abs(stop[0] - (number - 0.5) / count))[1]
            for number in range(1, count + 1)
        ]
        assert tuple(shown) == categories(count)


SEEN = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""What linear red, green and blue are to a reader (Machado et al., IEEE TVCG 15, 2009)."""


def lab(colours: tuple[str, ...], reader: str) -> np.ndarray:
    """Place colours in CIELAB (D65) as a reader sees them."""
    share = np.array([list(bytes.fromhex(colour[1:])) for colour in colours]) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]
    xyz = np.clip(linear @ np.transpose(SEEN[reader]), 0, 1) @ np.transpose(to_xyz)
    x, y, z = np.cbrt(np.maximum(xyz / [0.9505, 1, 1.089], 0.0)).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


@pytest.mark.parametrize("reader", SEEN)
@pytest.mark.parametrize("count", range(2, 13))
def test_clusters_are_told_apart_by_colour_blind_readers_too(count: int, reader: str) -> None:
    assert len(categories(count)) == count
    places = lab(categories(count), reader)
    apart = np.linalg.norm(places[:, None] - places, axis=2)[np.triu_indices(count, 1)]
    assert apart.min() > 15
