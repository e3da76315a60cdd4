"""A run whose results go to S3, while the store is gone for a while: a real server of moto's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from precompute import folder_lock
from precompute import run as engine
from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.folder_lock import locked_folder
from precompute.tables import RUN_TABLES, list_runs, read_table, storage
from tests.precompute.engines.runs import CIRCUMSTANCES, Request
from tests.store import Store, store


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    """A bucket of this test's own; unfinished work waits in its folder too."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # one refused connection is as good as five
    monkeypatch.setattr(storage, "PAUSES", (0.5,) * 6)
    monkeypatch.setattr(folder_lock, "BEAT", 0.5)
    monkeypatch.setattr(folder_lock, "PATIENCE", 2.0)
    with store(monkeypatch, f"gone-{tmp_path.name.replace('_', '-')}"[:60].strip("-")) as started:
        yield started


def leave_before_tables(
    bucket: Store, monkeypatch: pytest.MonkeyPatch, back_after: float | None
) -> None:
    """Let the store go when the tables are to be written, and maybe come back."""
    real = engine.add_run

    def add_run(*given: Any) -> None:
        bucket.go()
        if back_after is not None:
            threading.Timer(back_after, bucket.come).start()
        real(*given)

    monkeypatch.setattr(engine, "add_run", add_run)


def same_tables(found: str, request_run: Request) -> bool:
    row, other = list_runs(found), list_runs(request_run.expected)
    run = row["run"].item()
    return row.drop(columns=CIRCUMSTANCES).equals(other.drop(columns=CIRCUMSTANCES)) and all(
        read_table(found, table, run=run).equals(read_table(request_run.expected, table, run=run))
        for table in RUN_TABLES
    )


def test_a_store_that_comes_back_is_waited_for(
    request_run: Request, bucket: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_before_tables(bucket, monkeypatch, back_after=1.0)
    out = f"{bucket.url}/results"
    assert main([*request_run.arguments, "--out", out, "--quiet"]) == 0
    assert same_tables(out, request_run)


def test_a_store_that_stays_away_is_a_sentence_and_loses_nothing(
    request_run: Request,
    bucket: Store,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = f"{bucket.url}/results"
    command = [*request_run.arguments, "--out", out]
    with monkeypatch.context() as patch:
        leave_before_tables(bucket, patch, back_after=None)
        assert main([*command, "--quiet"]) == 1
    (sentence,) = capsys.readouterr().err.strip().splitlines()
    assert "its store does not answer" in sentence
    kept = len(list(tmp_path.rglob("*.shard")))
    assert kept > 2
    assert main([*command, "--quiet"]) == 1, "it is gone from the beginning"
    (sentence,) = capsys.readouterr().err.strip().splitlines()
    assert "its store does not answer" in sentence
    bucket.come()
    # The lock of the run that could not give it back is seen not to change.
    assert main(command) == 0
    said = capsys.readouterr().err
    assert "looking whether it still is" in said
    assert f"{kept} of {kept} shards were kept" in said
    assert same_tables(out, request_run)


def test_two_runs_into_one_bucket(bucket: Store, capsys: pytest.CaptureFixture[str]) -> None:
    out = f"{bucket.url}/results"
    with (
        locked_folder(out),
        pytest.raises(AtlasError, match=r"Another run is writing to s3://.*\(process \d+ of"),
        locked_folder(out),
    ):
        pytest.fail("two at once")
    with locked_folder(out):
        pass
