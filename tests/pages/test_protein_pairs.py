"""Pairs of proteins on Compare: maps of a run over pairs, and nothing where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.__main__ import main as dashboard
from dashboard.pages.compare.protein_pairs_print import protein_pairs_figure
from dashboard.results.loaded import RESULTS_VARIABLE, load
from dashboard.results.protein_pairs import find_pair_runs, read_shares
from precompute.command_line import main
from precompute.protein_pairs.shares import with_shares
from precompute.tables import PAIR_ATTENTION, PAIR_RUNS, known_runs, read_table
from tests import charts
from tests.families import make_family, write_family
from tests.plus_checkpoints import write_published, write_rnn

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of PLUS-TFM and one of PLUS-RNN over the same pairs, with random weights."""
    folder = tmp_path_factory.mktemp("pairs")
    data = folder / "families"
    data.mkdir()
    for number in (1, 2):
        write_family(make_family(f"PF0000{number}", 8, 24, seed=number), data)
    weights = {
        "plus_tfm": write_published(folder / "tfm"),
        "plus_rnn_large": write_rnn(folder / "rnn"),
    }
    for model, own in weights.items():
        arguments = ["run", "--quiet", "--model", model, "--weights", str(own)]
        arguments += ["--dataset", "families", "--data", str(data), "--pairs", "8"]
        assert main([*arguments, "--max-length", "60", "--out", str(folder / "out")]) == 0
    return folder / "out"


def opened(monkeypatch: pytest.MonkeyPatch, results: Path, **parameters: str) -> AppTest:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results))
    app = AppTest.from_file(str(ENTRY), default_timeout=120)
    app.switch_page("pages/6_Compare.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def run_of(results: Path, model: str) -> str:
    runs = known_runs(results, PAIR_RUNS)
    return str(runs[runs["model"] == model]["run"].item())


def headings(app: AppTest) -> list[str]:
    return [m.value for m in app.markdown if m.value.startswith("#####")]


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_maps_are_the_tables_shares(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(results, "plus_tfm")
    app = opened(monkeypatch, results, pairs=run, attention="within_second")
    table = with_shares(read_table(results, PAIR_ATTENTION, run=run))
    table = table[table["measure"] == "within_second"]
    maps = {}
    for figure in charts.charts(app, "pairs_map"):
        first, second = charts.titles(figure)
        assert second == f"PLUS-TFM, n = {8 if '−' in first else 4} pairs"
        maps[first] = np.asarray(figure.data[0].z)
    relations = ("same family", "different families")
    both = [
        100 * table[table["relation"] == relation]["share"].to_numpy().reshape(3, 4)
        for relation in relations
    ]
    for relation, own in zip(relations, both, strict=True):
        np.testing.assert_allclose(maps[f"Within the second: {relation}"], own, rtol=1e-5)
    apart = maps["Within the second: same family − different families"]
    np.testing.assert_allclose(apart, both[0] - both[1], atol=1e-4)
    said = [one.value for one in app.caption]
    assert any("Same family: 4 pairs, held for one family with a mean" in one for one in said)
    assert any("Different families: 4 pairs" in one for one in said)
    assert "Ignored" not in html(app)


def test_what_no_pair_defines_is_a_sentence(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(monkeypatch, results, pairs=run_of(results, "plus_tfm"), attention="contact")
    assert not charts.charts(app, "pairs_map")
    assert "The run has no pair of which this is known." in [one.value for one in app.text]


def test_aligned_residues_are_of_one_family_alone(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, results, pairs=run_of(results, "plus_tfm"), attention="aligned")
    (only,) = charts.charts(app, "pairs_map")
    assert charts.titles(only)[0] == "On aligned residues: same family"
    runs, _ = find_pair_runs(load())
    (run,) = [one for one in runs if one.name == run_of(results, "plus_tfm")]
    for measure, n in (
        ("aligned", "n = 4 of same family"),
        ("special", "n = 4 of same family, 4 of different families"),
    ):
        figure = protein_pairs_figure(read_shares(run, measure), run, measure)
        assert figure.source.header[1].endswith(n)


def test_a_model_without_attention_has_scores_alone(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, results, pairs=run_of(results, "plus_rnn_large"))
    assert not charts.charts(app, "pairs_map")
    assert "The run has no attention." in [one.value for one in app.text]
    assert any("Same family: 4 pairs" in one.value for one in app.caption)


def test_an_address_that_names_another_run_is_said(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, results, pairs="nobody", attention="nothing")
    assert len(charts.charts(app, "pairs_map")) == 0 or headings(app)
    assert "nobody" in html(app)
    assert "##### Pairs of proteins" in headings(app)


def test_without_a_run_over_pairs_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, tmp_path)
    assert "##### Pairs of proteins" not in headings(app)
    assert len(headings(app)) >= 3


def test_a_damaged_table_is_a_sentence(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results, folder)
    run = run_of(folder, "plus_tfm")
    (folder / "pair_attention" / f"{run}.parquet").write_bytes(b"PAR1 nothing PAR1")
    app = opened(monkeypatch, folder, pairs=run)
    assert "pair_attention" in html(app) + " ".join(
        str(one.value) for one in [*app.warning, *app.error, *app.text, *app.caption, *app.info]
    )
    (folder / "pair_runs.parquet").write_bytes(b"PAR1 nothing PAR1")
    app = opened(monkeypatch, folder)
    assert "pair_runs.parquet" in html(app)


def test_the_shell_draws_what_the_page_draws(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, table = run_of(results, "plus_tfm"), tmp_path / "t.csv"
    given = ["figure", "pairs", "--results", str(results), "--run", run]
    files = ["--out", str(tmp_path / "a.pdf"), "--table", str(table), "--caption"]
    assert dashboard([*given, "--attention", "within_second", *files]) == 0
    assert f"/Compare?pairs={run}&attention=within_second" in capsys.readouterr().out
    drawn = pd.read_csv(table)
    measured = with_shares(read_table(results, PAIR_ATTENTION, run=run))
    measured = measured[measured["measure"] == "within_second"]
    for relation in ("same family", "different families"):
        own, expected = (frame[frame["relation"] == relation] for frame in (drawn, measured))
        np.testing.assert_allclose(own["percent"], 100 * expected["share"], rtol=1e-5)


@pytest.mark.parametrize(
    ("model", "attention", "said"),
    [
        (None, "special", "no run nope over pairs of proteins"),
        ("plus_tfm", "contact", "has no pair of which this is known"),
        ("plus_rnn_large", "special", "has no attention"),
    ],
)
def test_what_the_shell_cannot_draw_is_a_sentence(
    model: str | None,
    attention: str,
    said: str,
    results: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ["--results", str(results), "--run", run_of(results, model) if model else "nope"]
    files = ["--out", str(tmp_path / "a.pdf")]
    assert dashboard(["figure", "pairs", *given, "--attention", attention, *files]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "a.pdf").exists()
