"""What was damaged, gone or out of reach is back: pages show it again without a restart."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from dashboard.results import loaded as results
from precompute.tables import BACKGROUND, HEAD_COUNTS, RUNS, add_run, list_runs, write_table
from tests import measured
from tests.pages.test_changes import OWN, said, visit
from tests.store import Store, store

TAPE = f"tape_bert:{measured.TAPE_RUN}"
VISITS: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("1_Heads", {"models": measured.OWN_MODEL, "feature": "binding_site", "results": "measured"}),
    ("3_Amino_acids", {"source": OWN, "head": "1.1"}),
    ("4_Substitution", {"source": OWN}),
    ("5_Layers", {"source": OWN, "feature": "binding_site"}),
    ("6_Compare", {"first": OWN, "second": TAPE, "feature": "binding_site"}),
    ("6_Compare", {"clustered": OWN}),
    ("9_Methods", {}),
    ("7_Alignments", {}),
]


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[random.Random(path.name).randrange(len(data) // 2)] ^= 4
    path.write_bytes(data)


def double(path: Path) -> None:
    """A lawful file of its own, in which a row comes twice, as joined files have it."""
    frame = pd.read_parquet(path)
    table = {"runs": RUNS, "head_counts": HEAD_COUNTS, "background": BACKGROUND}.get(
        path.stem if path.stem == "runs" else path.parent.name
    )
    if table is None or frame.empty:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    twice = pd.concat([frame, frame.iloc[[0]]])
    pq.write_table(pa.Table.from_pandas(twice, table.schema, preserve_index=False), path)


@pytest.fixture
def folder(tmp_path: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = tmp_path / "results"
    shutil.copytree(results_folder, own)
    monkeypatch.setenv(results.RESULTS_VARIABLE, str(own))
    return own


@pytest.mark.parametrize("harm", [grow, cut, flip, double, Path.unlink])
@pytest.mark.parametrize(("page", "parameters"), VISITS[1:6])
def test_a_damaged_table_is_a_sentence_until_it_is_put_back(
    page: str, parameters: dict[str, str], harm: Callable[[Path], None], folder: Path
) -> None:
    """Put back as a backup does it: with the size and the time that it had."""
    path = folder / "head_counts" / f"{measured.OWN_RUN}.parquet"
    whole, times = path.read_bytes(), path.stat()
    named = path.relative_to(folder.parent).as_posix()
    harm(path)
    if path.exists():
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    app = visit(page, parameters)
    assert named in said(app, "alert")
    path.write_bytes(whole)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    app.run()
    assert not app.exception
    assert named not in said(app, "alert")


@pytest.mark.parametrize("harm", [grow, cut, flip, double])
def test_a_damaged_list_of_runs_is_a_sentence_until_it_is_put_back(
    harm: Callable[[Path], None], folder: Path
) -> None:
    path = folder / "runs.parquet"
    whole, times = path.read_bytes(), path.stat()
    named = path.relative_to(folder.parent).as_posix()
    app = visit(*VISITS[1])
    harm(path)
    app.run()
    assert not app.exception
    assert named in said(app, "alert")
    path.write_bytes(whole)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    app.run()
    assert not app.exception
    assert named not in said(app, "alert")


def test_a_clock_that_goes_back_shows_no_old_results(
    results_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a remote folder; what was kept for a minute is not found again when it comes again."""
    remote = f"memory://clock/{tmp_path.name}"
    write_table(remote, RUNS, list_runs(results_folder))
    monkeypatch.setenv(results.RESULTS_VARIABLE, remote)
    counted = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)

    def at(clock: float, passed: float) -> set[str]:
        monkeypatch.setattr(results.time, "time", lambda: clock)
        monkeypatch.setattr(results.time, "monotonic", lambda: passed)
        names = {run.name for run in results.load().runs}
        monkeypatch.undo()
        monkeypatch.setenv(results.RESULTS_VARIABLE, remote)
        return names

    assert "later" not in at(1e9, 1000.0)
    row = measured.run_row("later", "later_model", 3, 4, "1999-01-01T00:00:00Z")
    add_run(remote, row, {HEAD_COUNTS: measured.head_counts(counted, "later", "later_model")})
    assert "later" in at(1e9 + 120, 1120.0)
    assert "later" in at(1e9, 1240.0)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # one refused connection is as good as five
    monkeypatch.setattr(results, "REMOTE_SECONDS", 1)
    with store(monkeypatch, "atlas-recovery") as started:
        yield started


def test_a_store_that_is_gone_is_a_sentence_until_it_is_back(
    bucket: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = f"{bucket.url}/results"
    measured.write_results(folder)
    monkeypatch.setenv(results.RESULTS_VARIABLE, folder)
    apps = [visit(page, parameters) for page, parameters in VISITS]
    assert not any(said(app, "alert") for app in apps)
    bucket.go()
    time.sleep(results.REMOTE_SECONDS)  # that long what was read is shown
    for app in apps:
        app.run()
        assert not app.exception
        assert "its store does not answer" in said(app, "alert")
        assert len(app.get("page_link")) >= 8
    bucket.come()
    time.sleep(results.REMOTE_SECONDS)
    for app in apps:
        app.run()
        assert not app.exception
        assert "does not answer" not in said(app, "alert")
        assert measured.OWN_RUN in "".join(element.proto.body for element in app.get("html"))
