"""Heads, continued: thresholds, denominators, labels, offsets, examples and the table of heads."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.tables import HEAD_SHAPE, write_table
from tests import charts, positions
from tests.checkpoints import make_checkpoint
from tests.pages.test_heads import address, cells, heads, heatmaps, html, notes, titles

ALL = {"models": positions.MODEL, "results": "measured"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return positions.write_positions(tmp_path_factory.mktemp("positions"))


@pytest.fixture(autouse=True)
def _results(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.text])


def test_a_threshold_and_a_denominator_are_restored_and_written() -> None:
    app = heads(**ALL, threshold="0.45", denominator="corrected")
    assert notes(app) == []
    assert titles(app)[0].endswith("n = 20 proteins, attention ≥ 0.45, eligible arcs")
    at_30 = cells(heatmaps(heads(**ALL))[0])
    eligible = cells(heatmaps(heads(**ALL, denominator="corrected"))[0])
    # Of the contact head nearly every arc can be a contact, of the others not.
    assert eligible[1, 0] > at_30[1, 0] > 40
    app.select_slider(key="heads_threshold").set_value("0.30").run()
    assert not app.exception
    assert address(app)["denominator"] == ["corrected"]
    assert "threshold" not in address(app)
    np.testing.assert_array_equal(cells(heatmaps(app)[0]), eligible)


def test_a_threshold_that_the_run_lacks() -> None:
    app = heads(**ALL, threshold="0.60")
    assert heatmaps(app) == []
    assert "has no counts at threshold 0.60; it has 0.30, 0.45." in html(app)


def test_published_values_keep_their_threshold() -> None:
    app = heads(models=["tape_bert", positions.MODEL], threshold="0.45")
    assert len(heatmaps(app)) == 2
    assert "Published values exist for attention of at least 0.30" in " ".join(notes(app))
    assert titles(app)[0].endswith("published, n = 5,000 proteins")


def test_z_is_centred_on_the_background_and_not_there_for_the_paper() -> None:
    figure = heatmaps(heads(**ALL, measure="z"))[0]
    assert figure.data[0].zmin == -figure.data[0].zmax
    assert cells(figure)[1, 0] > 5  # the contact head lies above the background
    app = heads(models="tape_bert", measure="z")
    assert "z needs the heads’ arcs" in said(app)


@pytest.mark.parametrize(
    ("head", "label"),
    [
        ("1.1", "previous residue"),
        ("1.2", "itself"),
        ("1.3", "mixed"),
        ("2.1", "contact"),
        ("2.2", "special-token sink"),
        ("2.3", "broad"),
    ],
)
def test_heads_are_called_what_they_are(head: str, label: str) -> None:
    app = heads(**ALL, head=f"{positions.MODEL}.{head}")
    assert f"**{label}**" in said(app)


def test_an_opened_head_says_offsets_denominators_and_proteins() -> None:
    app = heads(**ALL, head=f"{positions.MODEL}.2.1")
    text = said(app)
    (offsets,) = charts.charts(app, "offsets")
    assert charts.titles(offsets)[0].startswith("Target offsets of head 2-1 · ")
    assert charts.titles(offsets)[1].endswith("n = 20 proteins")
    assert "Contact, paper:" in text
    assert "background 1.300 %; corrected:" in text
    assert "Wald interval" in html(app)
    assert [link for link in app.get("page_link") if "protein=" in str(link.proto)] == []
    assert "Live has not got its weights." in text  # a model of the user's own, named nowhere


def test_an_opened_head_links_its_proteins_where_live_has_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = make_checkpoint(tmp_path / "weights", "esm2_t6_8m")
    monkeypatch.setenv("ATLAS_MODELS", f"{positions.MODEL}=esm:{weights}")
    app = heads(**ALL, head=f"{positions.MODEL}.2.1")
    links = [link.proto for link in app.get("page_link") if "protein=" in str(link.proto)]
    assert len(links) == 5
    assert all("chain=" in link.query_string for link in links)
    assert f"model={positions.MODEL}&layer=2&head=1" in links[0].query_string


def test_an_opened_head_says_what_it_is_like_where_its_run_knows(folder: Path) -> None:
    head = {"layer": 2, "head": 1, "run": positions.RUN, "attention": "self"}
    row = {"model": positions.MODEL, "dataset": "structures", **head, "residues": 200}
    sums = {"entropy": 500.0, "distance": 900.0, "to_residues": 150.0, "diagonal": 30.0}
    shown = heads(**ALL, head=f"{positions.MODEL}.2.1")
    assert "entropy" not in heads(**ALL, table="all").dataframe[0].value
    assert "entropy" not in said(shown)  # a run from before there was such a table
    table = pd.DataFrame([{**row, **sums, "special": 50.0}])
    path = write_table(folder, HEAD_SHAPE, table, run=positions.RUN)
    shown = heads(**ALL, head=f"{positions.MODEL}.2.1")
    assert (
        "Attention of any weight, over 200 residues: entropy 2.50 bits; mean distance attended "
        "6.0 residues; 15.0 % on the diagonal (the residue itself); 25.0 % on special tokens."
    ) in said(shown).replace("\N{NO-BREAK SPACE}", " ").replace("\\", "")
    assert "Methods#head-shape" in said(shown)
    listed = heads(**ALL, table="all").dataframe[0].value.set_index(["layer", "head"])
    own = listed[["entropy", "distance", "diagonal_percent", "special_percent"]]
    assert own.loc[2, 1].tolist() == [2.5, 6.0, 15.0, 25.0]
    assert own.drop((2, 1)).isna().all(axis=None)
    for broken in (table.assign(residues=0), table.iloc[:0], table.assign(layer=3)):
        write_table(folder, HEAD_SHAPE, broken, run=positions.RUN)
        assert "entropy" not in said(heads(**ALL, head=f"{positions.MODEL}.2.1"))
    Path(path).write_bytes(b"damaged")
    shown = heads(**ALL, head=f"{positions.MODEL}.2.1")
    assert "entropy" not in said(shown)
    assert not shown.exception
    Path(path).unlink()


def test_the_table_is_made_on_demand() -> None:
    assert len(heads(**ALL).dataframe) == 0
    app = heads(**ALL, table="all")
    table = app.dataframe[0].value
    assert len(table) == 4  # the sink and the broad head are grey
    assert dict(zip(zip(table["layer"], table["head"], strict=True), table["label"], strict=True))[
        2, 1
    ].startswith("contact")
    marked = heads(**ALL, table="marked").dataframe[0].value
    assert set(marked["mark"]) <= {"*", "**"}
    assert 0 < len(marked) <= len(table)
    app.button_group(key="heads_table").set_value("off").run()
    assert not app.exception
    assert "table" not in address(app)


def test_the_table_of_published_heads() -> None:
    app = heads(models=["tape_bert", "prot_albert"], table="all")
    table = app.dataframe[0].value
    assert len(table) == 143 + 747
    assert "wald_lower" in table
    marked = heads(models="tape_bert", table="marked").dataframe[0].value
    assert len(marked) == 10  # arcs are known of ten heads


def test_what_heads_are_like_is_a_map_where_a_run_knows(folder: Path) -> None:
    row = {"run": positions.RUN, "attention": "self", "residues": 200}
    row |= {"model": positions.MODEL, "dataset": "structures"}
    places = [(1, 1, 800.0), (1, 2, 200.0), (2, 1, 500.0)]
    sums = {"distance": 900.0, "to_residues": 150.0, "diagonal": 30.0, "special": 50.0}
    rows = [
        {**row, "layer": layer, "head": head, "entropy": entropy, **sums}
        for layer, head, entropy in places
    ]
    before = heads(**ALL, feature="entropy")  # a run from before there was such a table
    assert "Entropy is not known of" in html(before)
    assert heatmaps(before) == []
    path = write_table(folder, HEAD_SHAPE, pd.DataFrame(rows), run=positions.RUN)
    app = heads(**ALL, feature="entropy", table="all")
    text = said(app).replace("\N{NO-BREAK SPACE}", " ").replace("\\", "")
    assert "Highest 1-1: 4.00 bits; lowest 1-2: 1.00 bits; median 2.50 bits" in text
    assert "200 residues" in text
    assert "grey (not known)" in text
    assert address(app)["feature"] == ["entropy"]
    assert app.dataframe[0].value["entropy"].tolist() == [4.0, 2.5, 1.0]
    assert "threshold" in "".join(one.key for one in app.select_slider)
    bare = heads(**ALL, feature="entropy", threshold="0.45")  # arcs have no part in it
    assert "threshold" not in "".join(one.key for one in bare.select_slider)
    assert address(bare)["threshold"] == ["0.45"]
    opened = heads(**ALL, feature="distance", head=f"{positions.MODEL}.2.1")
    assert "threshold" in "".join(one.key for one in opened.select_slider)
    assert "entropy 2.50 bits" in said(opened).replace("\N{NO-BREAK SPACE}", " ")
    assert not opened.exception
    Path(path).unlink()


@pytest.mark.parametrize("feature", ["entropy", "distance", "diagonal_percent", "special_percent"])
def test_published_models_say_in_one_sentence_that_it_is_not_known_of_them(feature: str) -> None:
    app = heads(models=["tape_bert", "prot_bert"], feature=feature)
    text = html(app)
    assert text.count("is not known of TapeBert, ProtBert. It is counted where a model is") == 1
    assert not any("Choose a model" in note for note in notes(app))


def test_offsets_stand_without_the_table_of_examples(
    monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "results")
    (tmp_path / f"results/head_examples/{positions.RUN}.parquet").unlink()
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path / "results"))
    app = heads(**ALL, head=f"{positions.MODEL}.2.1")
    assert "head_examples" in html(app)
    assert "does not exist" in html(app)
    assert len(charts.charts(app, "offsets")) == 1
