"""The tables: what goes in comes out, and nothing else is let in or taken for one."""

from __future__ import annotations

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from precompute.errors import AtlasError
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    RUNS,
    SCHEMA_VERSION,
    TABLES,
    add_run,
    describe,
    list_runs,
    read_table,
    write_table,
)
from precompute.tables.storage import exists, open_folder, read_bytes
from precompute.tally import THRESHOLDS


def counts_frame(run: str = "r1") -> pd.DataFrame:
    rows = [
        (run, "prot_bert", "proteinnet", "self", "contact", threshold, layer, head)
        for threshold in THRESHOLDS
        for layer in (1, 2)
        for head in (1, 2, 3)
    ]
    frame = pd.DataFrame(rows, columns=list(HEAD_COUNTS.key))
    numbers = np.random.default_rng(0).integers(0, 2**60, (len(frame), 9))
    numbers[:, :3] = -np.sort(-numbers[:, :3])  # hits are some of the eligible arcs
    for index, column in enumerate(HEAD_COUNTS.column_names[len(HEAD_COUNTS.key) :]):
        frame[column] = numbers[:, index]
    return frame


def run_frame(run: str = "r1") -> pd.DataFrame:
    row = {
        column.name: {
            "string": "x",
            "int16": 1,
            "int64": 1,
            "double": 1.5,
            "list<item: string>": ["1abc.A"],
            "list<item: int64>": [0],
            "list<item: double>": [0.3],
        }.get(str(column.type), [])
        for column in RUNS.columns
    }
    return pd.DataFrame([row | {"run": run}])


def test_counts_come_back_to_the_last_bit(tmp_path: Path) -> None:
    frame = counts_frame()
    write_table(tmp_path, HEAD_COUNTS, frame, run="r1")
    back = read_table(tmp_path, HEAD_COUNTS, run="r1")
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)
    some = read_table(
        tmp_path,
        HEAD_COUNTS,
        run="r1",
        columns=["layer", "hits"],
        filters=[("threshold", "==", 0.3)],
    )
    assert list(some["hits"]) == list(frame.loc[frame["threshold"] == 0.3, "hits"])


def test_any_reader_of_parquet_can_read_a_results_folder(tmp_path: Path) -> None:
    for run in ("r1", "r2"):
        add_run(tmp_path, run_frame(run), {HEAD_COUNTS: counts_frame(run)})
    everything = pd.read_parquet(tmp_path / "head_counts")
    assert set(everything["run"]) == {"r1", "r2"}
    files = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {".parquet"}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_says_what_it_is(table) -> None:
    described = describe(table)
    assert described["description"].str.len().min() > 3
    assert described.loc[described["key"], "column"].tolist() == [
        name for name in table.column_names if name in table.key
    ]
    assert table.schema.metadata[b"atlas_schema_version"] == str(SCHEMA_VERSION).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="hits"), "lacks the column hits"),
        (lambda f: f.assign(extra=1), "unknown column extra"),
        (lambda f: f.assign(hits=1.5), "hits"),
        (lambda f: f.assign(layer=70000), "layer"),
        (lambda f: f.assign(model=None), "empty values"),
        (lambda f: pd.concat([f, f]), "occurs twice"),
    ],
)
def test_a_frame_that_does_not_fit_is_not_written(tmp_path: Path, change, said: str) -> None:
    with pytest.raises(AtlasError, match=said):
        write_table(tmp_path, HEAD_COUNTS, change(counts_frame()), run="r1")
    assert not list(tmp_path.rglob("*"))


def test_a_run_that_does_not_fit_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    add_run(tmp_path, run_frame(), {HEAD_COUNTS: counts_frame()})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    broken = {HEAD_COUNTS: counts_frame("r2"), BACKGROUND: pd.DataFrame({"run": ["r2"]})}
    with pytest.raises(AtlasError, match="background lacks"):
        add_run(tmp_path, run_frame("r2"), broken)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == before


def test_a_file_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head_counts" / "r1.parquet"
    read = partial(read_table, tmp_path, HEAD_COUNTS, run="r1")
    with pytest.raises(AtlasError, match="does not exist"):
        read()
    write_table(tmp_path, HEAD_COUNTS, counts_frame(), run="r1")
    whole = path.read_bytes()
    for size in (0, 3, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(AtlasError, match="not a readable Parquet"):
            read()
    counts_frame().to_parquet(path)
    with pytest.raises(AtlasError, match="not written by this project"):
        read()
    write_table(tmp_path, BACKGROUND, background_frame(), run="r1")
    (tmp_path / "background" / "r1.parquet").rename(path)
    with pytest.raises(AtlasError, match="holds the table background"):
        read()


def background_frame() -> pd.DataFrame:
    return pd.DataFrame(
        [("r1", "proteinnet", "contact", "corrected", 1, 2, 3)],
        columns=list(BACKGROUND.column_names),
    )


def rewrite(path: Path, change) -> None:
    pq.write_table(change(pq.read_table(path)), path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop_columns("hits"), "lacks the column hits"),
        (lambda t: t.set_column(8, "arcs", t["arcs"].cast("double")), "arcs is double"),
        (
            lambda t: t.replace_schema_metadata(
                t.schema.metadata | {b"atlas_schema_version": b"0"}
            ),
            "schema version 0",
        ),
    ],
)
def test_an_older_or_damaged_file_is_refused(tmp_path: Path, change, said: str) -> None:
    frame = counts_frame()
    frame[list(HEAD_COUNTS.column_names[8:])] //= 2**20  # small enough for a double
    path = Path(write_table(tmp_path, HEAD_COUNTS, frame, run="r1"))
    rewrite(path, change)
    with pytest.raises(AtlasError, match=said):
        read_table(tmp_path, HEAD_COUNTS, run="r1")


def test_folders_that_are_no_results(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="does not exist"):
        list_runs(tmp_path / "nowhere")
    with pytest.raises(AtlasError, match=r"no runs\.parquet"):
        list_runs(tmp_path)
    with pytest.raises(AtlasError, match="cannot be opened"):
        list_runs("nosuchprotocol://bucket/folder")


def test_a_run_written_twice_is_there_once(tmp_path: Path) -> None:
    for run in ("r2", "r1", "r2"):
        add_run(tmp_path, run_frame(run), {HEAD_COUNTS: counts_frame(run)})
    assert list(list_runs(tmp_path)["run"]) == ["r1", "r2"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (503, "its store does not answer (status 503)"),
        (403, "cannot be read: status 403"),
        (None, "its store does not answer"),
        (404, "does not exist"),
    ],
)
def test_a_server_that_fails_is_not_taken_for_an_empty_folder(
    status: int | None, said: str
) -> None:
    class Answer(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            assert status is not None
            self.send_error(status)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        if status is None:
            server.shutdown()
            server.server_close()
        filesystem, path = open_folder(f"http://127.0.0.1:{server.server_port}/results")
        with pytest.raises(AtlasError, match=re.escape(said)):
            read_bytes(filesystem, f"{path}/runs.parquet")
        if status in (403, 404):  # of what is not there some stores say 403
            assert not exists(filesystem, f"{path}/runs.parquet")
        else:
            with pytest.raises(AtlasError, match=re.escape(said)):
                exists(filesystem, f"{path}/runs.parquet")
        if status is not None:
            server.shutdown()


def test_results_are_read_through_fsspec_and_http(tmp_path: Path) -> None:
    memory = "memory://atlas-test/results"
    add_run(memory, run_frame(), {HEAD_COUNTS: counts_frame()})
    assert list(list_runs(memory)["run"]) == ["r1"]
    assert len(read_table(memory, HEAD_COUNTS, run="r1")) == len(counts_frame())
    fsspec.filesystem("memory").rm("/atlas-test", recursive=True)

    add_run(tmp_path, run_frame(), {HEAD_COUNTS: counts_frame()})
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert list(list_runs(url)["run"]) == ["r1"]
        assert len(read_table(url, HEAD_COUNTS, run="r1")) == len(counts_frame())
        with pytest.raises(AtlasError):
            read_table(url, HEAD_COUNTS, run="nothing")
        server.shutdown()
    with pytest.raises(AtlasError):
        list_runs(url)
