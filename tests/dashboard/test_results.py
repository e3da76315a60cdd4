"""Results folders: found, read, and when bad, one sentence each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.results import loaded as results
from dashboard.results import reader
from dashboard.results.kept import forget
from precompute.datasets.thinning import ROWS_READ, Thinning
from precompute.errors import AtlasError
from precompute.tables import BACKGROUND, HEAD_COUNTS, RUNS, SCHEMA_VERSION, add_run, read_table
from tests import measured

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    yield
    forget()


@pytest.fixture
def folder(results_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the results folder, named in the environment."""
    copy = tmp_path / "copy"
    shutil.copytree(results_folder, copy)
    monkeypatch.setenv(results.RESULTS_VARIABLE, str(copy))
    return copy


def read(run: results.Run, *given: Any) -> Mapping[str, pd.DataFrame]:
    return results.read_heads(results.HeadSource(run.model, run.model, run), *given).frames


def test_what_is_loaded(folder: Path) -> None:
    loaded = results.load()
    assert loaded.problems == ()
    assert [run.name for run in loaded.runs] == [measured.OWN_RUN, measured.TAPE_RUN]
    assert list(loaded.labels)[-1] == measured.OWN_MODEL
    assert loaded.shapes[measured.OWN_MODEL] == (3, 4)
    assert loaded.shapes["tape_bert"] == (12, 12)
    tables = read(loaded.runs[1])
    assert set(tables) == set(measured.FEATURES)


def test_nothing_is_loaded_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(results.RESULTS_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert results.load() == results.Loaded()
    (tmp_path / "results").mkdir()
    assert results.load() == results.Loaded()


def test_a_folder_that_waits_for_its_first_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh volume, or one in which the first run is under way: no runs, and no alarm."""
    monkeypatch.setenv(results.RESULTS_VARIABLE, str(tmp_path))
    assert results.load() == results.Loaded(folders=(str(tmp_path),))
    (tmp_path / ".unfinished").mkdir()
    assert results.load().problems == ()
    (tmp_path / "holiday.jpg").touch()
    assert "no results folder" in results.load().problems[0]


def test_the_default_folder(
    results_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(results.RESULTS_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(results_folder, tmp_path / "results")
    assert len(results.load().runs) == 2


def test_several_folders(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    monkeypatch.setenv(results.RESULTS_VARIABLE, f"{folder}, {other},{tmp_path / 'none'}")
    loaded = results.load()
    assert {run.folder for run in loaded.runs} == {str(folder)}
    assert len(loaded.problems) == 3
    assert "does not exist" in loaded.problems[2]
    assert measured.OWN_RUN in loaded.problems[0]


def test_a_url(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(results.RESULTS_VARIABLE, folder.as_uri())
    loaded = results.load()
    assert len(loaded.runs) == 2
    assert read(loaded.runs[0])


def test_a_new_run_is_seen(folder: Path) -> None:
    assert len(results.load().runs) == 2
    row = measured.run_row("third", measured.OWN_MODEL, 3, 4, "2026-11-21T01:00:00Z")
    counts = read_table(folder, HEAD_COUNTS, run=measured.OWN_RUN).assign(run="third")
    add_run(folder, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background("third")})
    loaded = results.load()
    assert loaded.runs[0].name == "third"
    assert read(loaded.runs[0])


def rewrite(path: Path, change: object) -> None:
    table = pq.read_table(path)
    pq.write_table(change(table), path)  # type: ignore[operator]


def older(table: pa.Table) -> pa.Table:
    old = {**table.schema.metadata, b"atlas_schema_version": str(SCHEMA_VERSION - 1).encode()}
    return table.replace_schema_metadata(old)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "truncated or foreign"),
        (lambda path: path.write_bytes(b""), "truncated or foreign"),
        (lambda path: path.write_text("run,model\n1,2\n"), "truncated or foreign"),
        (lambda path: pd.DataFrame({"a": [1]}).to_parquet(path), "not written by this project"),
        (lambda path: rewrite(path, older), "schema version"),
        (lambda path: rewrite(path, lambda t: t.drop_columns(["model"])), "lacks the column model"),
    ],
)
@pytest.mark.parametrize("table", ["runs.parquet", "head_counts", "background"])
def test_bad_files(harm: object, said: str, table: str, folder: Path) -> None:
    path = folder / table
    if table != "runs.parquet":
        path = path / f"{measured.TAPE_RUN}.parquet"
        if table == "background" and "column" in said:
            said = said.replace("model", "dataset")
            rewrite(path, lambda t: t.drop_columns(["dataset"]))
        else:
            harm(path)  # type: ignore[operator]
        run = next(run for run in results.load().runs if run.name == measured.TAPE_RUN)
        with pytest.raises(AtlasError, match=said) as caught:
            read(run)
        assert str(caught.value).endswith(".")
    else:
        harm(path)  # type: ignore[operator]
        loaded = results.load()
        assert loaded.runs == ()
        assert len(loaded.problems) == 1
        assert said in loaded.problems[0]


def test_a_file_that_has_gone(folder: Path) -> None:
    run = results.load().runs[0]
    (folder / "head_counts" / f"{run.name}.parquet").unlink()
    with pytest.raises(AtlasError, match="does not exist"):
        read(run)


def test_a_file_put_right_is_read_again(folder: Path) -> None:
    path = folder / "head_counts" / f"{measured.TAPE_RUN}.parquet"
    good = path.read_bytes()
    path.write_bytes(good[:300])
    run = next(run for run in results.load().runs if run.name == measured.TAPE_RUN)
    with pytest.raises(AtlasError):
        read(run)
    path.write_bytes(good)
    assert read(run)


def test_a_run_without_the_threshold(folder: Path) -> None:
    path = folder / "head_counts" / f"{measured.TAPE_RUN}.parquet"
    rewrite(path, lambda t: t.filter(pa.compute.field("threshold") > 0.5))
    run = next(run for run in results.load().runs if run.name == measured.TAPE_RUN)
    with pytest.raises(AtlasError, match=r"threshold 0\.3"):
        read(run)


def test_every_threshold_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = next(run for run in results.load().runs if run.name == measured.TAPE_RUN)
    reads: list[object] = []
    once = reader.read_table

    def counting(*given: Any, **named: Any) -> pd.DataFrame:
        if given[1].name == "head_counts":
            reads.append(named.get("filters"))
        return once(*given, **named)

    monkeypatch.setattr(reader, "read_table", counting)
    low, high = read(run, 0.3), read(run, 0.6)
    again = read(run, 0.6, "corrected")
    assert len(reads) == 2
    key = "binding_site"
    assert list(low) == list(high) == list(again)
    assert (low[key]["arcs"] >= high[key]["arcs"]).all()
    assert set(high[key]["threshold"]) == {0.6}
    assert set(again[key]["denominator"]) == {"corrected"}
    assert read(run, 0.6)[key] is high[key]
    with pytest.raises(AtlasError, match=r"threshold 0\.45; it has 0\.30, 0\.60"):
        read(run, 0.45)


def test_one_property_is_what_all_are(folder: Path) -> None:
    """Properties made one by one are the same as made together."""
    run = next(run for run in results.load().runs if run.name == measured.TAPE_RUN)
    source = results.HeadSource(run.model, run.model, run)
    together = results.read_heads(source, 0.6).several(measured.FEATURES)
    forget()
    alone = read(run, 0.6)
    for frame in together:
        pd.testing.assert_frame_equal(alone[frame["feature"].iloc[0]], frame)
    with pytest.raises(KeyError):
        alone["contact"]


def test_an_empty_list_of_runs(folder: Path) -> None:
    rewrite(folder / "runs.parquet", lambda t: t.slice(0, 0))
    assert results.load() == results.Loaded(folders=(str(folder),))
    assert RUNS.name == "runs"


def test_exploring_never_imports_torch(results_folder: Path) -> None:
    """Run both pages in a process of their own and look at what it has loaded."""
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=120)
app.run()
assert not app.exception
app.switch_page("pages/1_Heads.py")
app.query_params["models"] = ["tape_bert", "prot_bert"]
app.query_params["head"] = "tape_bert.11.6"
app.query_params["feature"] = "binding_site"
app.run()
assert not app.exception
assert len(app.get("bidi_component")) == 7  # three heatmaps, their highest heads, "Copy link"
heavy = {"torch", "transformers", "Bio", "lmdb", "matplotlib", "altair"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT / "streamlit_app.py")],
        cwd=ROOT,
        env={**os.environ, results.RESULTS_VARIABLE: str(results_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("notes", "rows"),
    [
        ({ROWS_READ: Thinning(128).describe()}, "≤ 128 rows, diverse"),
        (
            {ROWS_READ: Thinning(1024, "random", 7).describe()},
            "≤ 1,024 rows, random (seed 7)",
        ),
        ({ROWS_READ: "at most <b>, none: of it"}, ""),
        ({ROWS_READ: 3}, ""),
        ([ROWS_READ], ""),
        ("no JSON", ""),
        ("[" * 100_000, ""),
    ],
)
def test_which_rows_a_run_read(notes: Any, rows: str, folder: Path) -> None:
    written = notes if isinstance(notes, str) else json.dumps(notes)
    path = folder / "runs.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("notes")
    changed = table.set_column(place, "notes", pa.array([written] * len(table)))
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    for run in results.load().runs:
        assert run.rows == rows
        assert run.sample.startswith("n = ")
        assert ("alignment" in run.sample) == bool(rows)
        assert run.sample.endswith(rows or run.sample)
