"""The Alignments page: what is published, a run beside it, a head opened in one family."""

from __future__ import annotations

import re
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.column_attention.kept import read_matrices
from precompute.published import MINIMUM_ARCS, read_published
from precompute.tables import (
    COLUMN_DISTANCE,
    COLUMN_FAMILIES,
    CONSERVATION_COUNTS,
    PUBLISHED_COLUMN_DISTANCE,
    read_table,
)
from tests import charts
from tests.measured_alignments import ALIGNMENTS, measured_alignments
from tests.pages.test_changes import said, visit
from tests.pages.test_drawn_once import Given

PAGE = "7_Alignments"
READ = "≤ 128 rows, diverse"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run with two of the nulls."""
    return measured_alignments(tmp_path_factory.mktemp("measured"), "--nulls", "columns,rows")


@pytest.fixture
def run(measured: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(RESULTS_VARIABLE, str(measured[0]))
    return measured[1]


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def cells(app: AppTest, name: str) -> pd.Series:
    """Give a map's correlations, layer by layer."""
    (chart,) = charts.charts(app, f"alignments_map_{name}")
    return pd.Series(np.asarray(chart.data[0].z, dtype=float).ravel())


def rows(app: AppTest, heading: str) -> list[list[str]]:
    (table,) = [one.proto.body for one in app.get("html") if heading in one.proto.body]
    return [
        [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr.*?</tr>", table.split("<tbody>")[1])
    ]


def published(tree: str = "ml", control: str = "none") -> pd.DataFrame:
    table = read_published(PUBLISHED_COLUMN_DISTANCE)
    own = table[(table["tree"] == tree) & (table["control"] == control)]
    return own.sort_values(["layer", "head"], ignore_index=True)


@pytest.mark.parametrize("control", ["none", "columns", "covariance", "rows"])
def test_without_a_run_the_published_values_are_shown(
    control: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = visit(PAGE, {"control": control, "head": "1.5"})
    assert said(app, "alert") == said(app, "status") == ""
    np.testing.assert_allclose(
        cells(app, "published"), published(control=control)["spearman"], atol=1e-6
    )
    assert charts.sent(app, "alignments_map_measured") == []
    assert [row[1] for row in rows(app, "mean size")] == ["0.364", "0.352", "0.077", "0.134"]
    assert "with the diagonal" in captions(app)
    assert "20 Pfam families" in captions(app)
    (chart,) = charts.charts(app, "alignments_map_published")
    assert charts.titles(chart) == [
        "ρ with distance in ML trees · MSA Transformer",
        "published, n = 20 Pfam families",
    ]
    assert (chart.data[0].zmin, chart.data[0].zmax) == (-chart.data[0].zmax, chart.data[0].zmax)
    assert "Head 1-5" in [heading.value for heading in app.subheader]
    assert rows(app, "NJ trees")[0][1:] == ["0.44 (0.16 to 0.63)", "0.42"]
    assert "none is loaded here" in captions(app)


def test_trees_by_neighbour_joining_have_no_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = visit(PAGE, {"tree": "nj"})
    np.testing.assert_allclose(cells(app, "published"), published("nj")["spearman"], atol=1e-6)
    app = visit(PAGE, {"tree": "nj", "control": "rows"})
    np.testing.assert_allclose(
        cells(app, "published"), published(control="rows")["spearman"], atol=1e-6
    )
    assert "maximum-likelihood trees only" in said(app, "status")


@pytest.mark.parametrize("definition", ["corrected", "published", "published_cls"])
@pytest.mark.parametrize("statistic", ["spearman", "pearson"])
def test_a_run_stands_beside_what_is_published(
    definition: str, statistic: str, run: str, measured: tuple[Path, str]
) -> None:
    app = visit(PAGE, {"definition": definition, "statistic": statistic, "control": "rows"})
    assert said(app, "alert") == ""
    table = read_table(measured[0], COLUMN_DISTANCE, run=run)
    own = table[(table["definition"] == definition) & (table["control"] == "rows")]
    own = own.sort_values(["layer", "head"])
    np.testing.assert_allclose(cells(app, "measured"), own[statistic], atol=1e-6)
    assert cells(app, "published").notna().sum() == 144
    charts_ = charts.charts(app, "alignments_map")
    assert len({chart.data[0].zmax for chart in charts_}) == 1  # one scale
    assert f"n = 3 of 4 alignments, {READ}" in charts.titles(charts_[0])[1]
    assert "no head of one corresponds" in said(app, "status")
    legend = charts_[0].data[0].colorbar.title.text
    assert "shuffled within rows" in legend
    assert ("diagonal" in legend) == (definition != "corrected")


def test_a_null_that_was_not_measured_is_said(run: str) -> None:
    app = visit(PAGE, {"control": "covariance", "head": "2.1"})
    assert charts.sent(app, "alignments_map_measured") == []
    assert "--nulls covariance" in said(app, "status")
    table = {row[0]: row[1:] for row in rows(app, "mean size")}
    assert table["Within columns"] == ["not defined", "", "0.077", "133 of 144"]


def test_a_head_is_opened_in_a_family(run: str, measured: tuple[Path, str]) -> None:
    app = visit(PAGE, {"head": "2.3", "family": "PF00002"})
    assert said(app, "alert") == ""
    kept = read_matrices(measured[0], run, 2)
    shown = {}
    for name in ("attention", "distance"):
        (chart,) = charts.charts(app, f"alignments_rows_{name}")
        shown[name] = np.asarray(chart.data[0].z, dtype=float)
        names = list(chart.layout.xaxis.ticktext)
        assert shown[name].shape == (12, 12)
        assert np.isnan(np.diag(shown[name])).all()
        assert sorted(names) == sorted(f"{place + 1}: row{place}" for place in range(12))
    order = [int(name.split(":")[0]) - 1 for name in names]
    both = kept.attention[1, 2].astype(np.float32)
    apart = ~np.eye(12, dtype=bool)
    np.testing.assert_allclose(
        shown["attention"][apart], (both + both.T)[np.ix_(order, order)][apart], rtol=1e-6
    )
    np.testing.assert_allclose(
        shown["distance"][apart], kept.distances[np.ix_(order, order)][apart], rtol=1e-6
    )
    # neighbours in the tree are closer than rows at large
    beside = np.diag(shown["distance"], 1).mean()
    assert beside < np.nanmean(shown["distance"])
    families = read_table(measured[0], COLUMN_FAMILIES, run=run)
    own = families.query(
        "definition == 'corrected' and control == 'none' and layer == 2 and head == 3"
    ).set_index("alignment")["spearman"]
    assert f"ρ {own['PF00002']:.2f} in PF00002".replace("-", "−") in captions(app)
    (bars,) = charts.charts(app, "alignments_columns")
    np.testing.assert_allclose(bars.data[0].y, kept.selectivity[1, 2], rtol=1e-3)
    table = app.dataframe[0].value
    assert table["alignment"].tolist() == list(ALIGNMENTS)
    np.testing.assert_allclose(table["read_none"], own.loc[list(ALIGNMENTS)], equal_nan=True)
    assert cells(app, "measured").notna().all()
    (chart,) = charts.charts(app, "alignments_map_measured")
    assert f"n = 1 alignment, {READ}" in charts.titles(chart)[1]
    assert "PF00002" in charts.titles(chart)[0]


def test_a_family_without_a_number_is_grey_and_said(run: str) -> None:
    app = visit(PAGE, {"head": "1.1", "family": "two_rows"})
    assert cells(app, "measured").isna().all()
    assert "ρ is not defined for any of 12 heads" in captions(app)
    assert "ρ not defined in two" in captions(app).replace("\\", "")


def test_matrices_that_were_not_kept_are_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = measured_alignments(tmp_path, "--keep-matrices", "0")
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    app = visit(PAGE, {"head": "1.1"})
    assert said(app, "alert") == ""
    assert any("were not kept" in text.value for text in app.text)
    assert charts.sent(app, "alignments_rows") == []


def test_an_alignment_of_one_row_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = measured_alignments(tmp_path, "--depth", "1", "--thin", "first")
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    app = visit(PAGE, {"head": "1.1"})
    assert "one row" in said(app, "alert")
    assert charts.sent(app, "alignments_rows") == []
    assert len(app.dataframe) == 1  # what is below it stands


def shares(folder: Path, run: str, threshold: float) -> pd.DataFrame:
    """Give hits, arcs and percent of every head and quarter, where the page shows them."""
    table = read_table(folder, CONSERVATION_COUNTS, run=run)
    own = table[(table["threshold"] - threshold).abs() < 1e-6].sort_values(["layer", "head"])
    percent = (100 * own["hits"] / own["arcs"]).where(own["arcs"] >= MINIMUM_ARCS)
    return own.assign(percent=percent)


@pytest.mark.parametrize(("quarter", "threshold"), [("1", "0.30"), ("4", "0.15")])
def test_row_attention_by_conservation_is_what_was_counted(
    quarter: str, threshold: str, run: str, measured: tuple[Path, str]
) -> None:
    app = visit(PAGE, {"quarter": quarter, "threshold": threshold, "head": "2.3"})
    assert said(app, "alert") == ""
    every = shares(measured[0], run, float(threshold))
    own = every[every["quartile"] == int(quarter)]
    (chart,) = charts.charts(app, "alignments_conservation")
    drawn = np.asarray(chart.data[0].z, dtype=float).ravel()
    np.testing.assert_allclose(drawn, own["percent"], rtol=1e-6)
    assert np.isfinite(drawn).any()
    background = 100 * own["positives"].iloc[0] / own["residues"].iloc[0]
    assert f"background {background:.1f} % (dotted)" in captions(app)
    first, second = charts.titles(chart)
    assert first.startswith("Most conserved" if quarter == "1" else "Most variable")
    assert READ in second
    assert (f"attention ≥ {threshold}" in second) == (threshold != "0.30")
    quarters = {row[0]: row[1:] for row in rows(app, "row attention ends on")}
    assert len(quarters) == 4
    head = every[(every["layer"] == 2) & (every["head"] == 3)].set_index("quartile")
    for number, cells_ in enumerate(quarters.values(), 1):
        one = head.loc[number]
        assert cells_[2] == f"{one['hits']:,} of {one['arcs']:,}"
        assert cells_[0].startswith(f"{one['percent']:.1f} (")


def test_conservation_is_defined_one_click_away(run: str) -> None:
    app = visit(PAGE, {})
    app.session_state["alignments_conservation_more"] = True
    app.run()
    text = " ".join(one.value for one in app.markdown)
    assert "entropy" in text
    assert "the alignment is the sampling unit" in text
    assert "Methods#conservation" in text
    app.select_slider(key="alignments_threshold").set_value("0.20").run()
    app.segmented_control(key="alignments_quarter").set_value("3").run()
    assert app.query_params["quarter"] == "3"
    assert app.query_params["threshold"] == "0.20"


def test_damaged_counts_by_conservation_are_a_sentence_in_their_place(
    measured: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name = tmp_path / "results", measured[1]
    shutil.copytree(measured[0], folder)
    (folder / "conservation_counts" / f"{name}.parquet").write_bytes(b"nothing")
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    app = visit(PAGE, {"head": "1.1"})
    assert "conservation_counts" in said(app, "alert")
    assert cells(app, "measured").notna().all()
    assert len(app.dataframe) == 1


def test_a_head_that_only_the_published_model_has(run: str) -> None:
    app = visit(PAGE, {"head": "12.12"})
    assert "Head 12-12" in [heading.value for heading in app.subheader]
    assert any("3 × 4 heads, not this one" in text.value for text in app.text)


def test_clicks_open_heads_and_families(run: str) -> None:
    app = visit(PAGE, {"table": "on"})
    assert len(app.dataframe[0].value) == 144
    app.selectbox(key="alignments_family").select("PF00003").run()
    app.segmented_control(key="alignments_control").set_value("rows").run()
    address = app.query_params
    assert [address[name] for name in ("family", "control", "table")] == ["PF00003", "rows", "on"]
    assert len(address) == 3
    assert "PF00003" in charts.titles(charts.charts(app, "alignments_map_measured")[0])[0]


def test_a_family_of_another_run_is_said(run: str) -> None:
    app = visit(PAGE, {"family": "PF99999"})
    assert "Ignored family = “PF99999” in the address." in said(app, "status")


def test_damaged_tables_are_sentences(
    measured: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name = tmp_path / "results", measured[1]
    shutil.copytree(measured[0], folder)
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    (folder / "column_matrices" / name / "000001.parquet").write_bytes(b"nothing")
    app = visit(PAGE, {"head": "1.1", "family": "PF00001"})
    assert "000001.parquet" in said(app, "alert")
    assert cells(app, "measured").notna().all()
    (folder / "column_distance" / f"{name}.parquet").unlink()
    app = visit(PAGE, {"head": "1.1"})
    assert name in said(app, "alert")
    assert cells(app, "published").notna().all()


def test_names_of_strangers_stay_text(
    measured: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name = tmp_path / "results", measured[1]
    shutil.copytree(measured[0], folder)
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    evil = "=cmd() <img src=x onerror=alert(1)> **b** [l](javascript:alert(1))"
    for path in (
        folder / "column_families" / f"{name}.parquet",
        folder / "column_matrices" / name / "000001.parquet",
    ):
        table = pq.read_table(path)
        changed = pa.array(
            [evil if number == 1 else "other" for number in table["number"].to_pylist()]
        )
        place = table.column_names.index("alignment")
        table = table.set_column(
            place,
            table.schema.field("alignment"),
            changed.cast(table.schema.field("alignment").type),
        )
        if "names" in table.column_names:
            place = table.column_names.index("names")
            count = len(table["names"][0].as_py())
            table = table.set_column(
                place,
                table.schema.field("names"),
                pa.array([[evil] * count], table.schema.field("names").type),
            )
        pq.write_table(table, path)
    app = visit(PAGE, {"head": "1.1", "family": evil})
    assert "gnored" not in said(app, "status")
    assert said(app, "alert") == ""
    assert app.selectbox(key="alignments_family").value == evil
    for element in app.get("html"):
        assert "<img" not in element.proto.body
    for caption in app.caption:
        assert "**b**" not in caption.value
        assert "[l](" not in caption.value
    for chart in charts.sent(app):
        assert "<img" not in chart["figure"]
    assert not str(app.dataframe[0].value["alignment"].iloc[0]).startswith("=")


def test_a_head_drawn_again_is_not_worked_out_again(run: str) -> None:
    app = visit(PAGE, {"head": "2.3", "family": "PF00002", "control": "rows", "table": "on"})
    given = Given()
    app.run()  # what is kept of the first run is seen once
    sys.setprofile(given)
    threading.setprofile(given)
    try:
        app.run()
        given.anew.clear()
        app.run()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert not app.exception
    assert given.anew == []
