"""Disks that are full or read-only, clocks that go back, two runs at once: real ones."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from dashboard.results.reader import read_runs
from precompute import folder_lock
from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.folder_lock import locked_folder
from precompute.tables import HEAD_COUNTS, RUN_TABLES, add_run, list_runs, read_table
from tests.precompute.engines.runs import Request, assert_same_tables
from tests.precompute.engines.test_dask_cluster import shards_in, started, wait_until
from tests.small_disk import SmallDisk, small_disk

ROOT = Path(__file__).parents[3]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", "64k") as mounted:
        yield mounted


@pytest.fixture
def refused(request_run: Request, capsys: pytest.CaptureFixture[str]) -> Callable[[Path], str]:
    """Run the command where it cannot succeed; give the one sentence it ends with."""

    def run(out: Path) -> str:
        capsys.readouterr()
        assert main([*request_run.arguments, "--out", str(out), "--quiet"]) == 1
        (sentence,) = capsys.readouterr().err.strip().splitlines()
        assert not list(out.rglob("*.part"))
        return sentence

    return run


def test_a_full_disk_loses_at_most_a_shard(
    request_run: Request, refused: Callable[[Path], str], disk: SmallDisk
) -> None:
    out = disk.folder / "results"
    sentence = refused(out)
    assert "the disk is full; make room" in sentence
    kept = shards_in(out)
    assert kept >= 1
    assert not list(out.rglob("*.parquet"))
    disk.make_room()
    assert main([*request_run.arguments, "--out", str(out), "--quiet"]) == 0
    assert_same_tables(out, request_run.expected)


def test_a_disk_that_fills_while_tables_are_written_keeps_them_whole(
    request_run: Request, disk: SmallDisk
) -> None:
    """With any number of free pages: the folder is as it was, or has the run."""
    disk.make_room()
    row = list_runs(request_run.expected)
    first = row["run"].item()
    tables = {table: read_table(request_run.expected, table, run=first) for table in RUN_TABLES}
    out, filler = disk.folder / "results", disk.folder / "filler"
    add_run(out, row, tables)
    before = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    later = row.assign(run="later")
    renamed = {table: frame.assign(run="later") for table, frame in tables.items()}
    ends, written = set(), set()
    for pages in range(0, 400, 5):
        filler.write_bytes(b"")
        room = os.statvfs(disk.folder)
        filler.write_bytes(bytes((room.f_bavail - pages) * room.f_frsize))
        try:
            add_run(out, later, renamed)
        except AtlasError as error:
            ends.add(str(error).split(": ")[1])
            written.add(str(error).split(" cannot")[0])
            assert {path: path.read_bytes() for path in before} == before
            assert list(list_runs(out)["run"]) == [first]
        else:
            break
        for path in out.rglob("*"):
            if path.is_file() and path not in before:
                assert path.suffix == ".parquet", "something was half written"
                path.unlink()
    assert all(end.startswith("the disk is full; make room") for end in ends)
    assert len(written) > 1, "it was always the same table"
    assert sorted(list_runs(out)["run"]) == sorted([first, "later"])
    pd.testing.assert_frame_equal(read_table(out, HEAD_COUNTS, run="later"), renamed[HEAD_COUNTS])


def test_a_limit_of_the_system_is_one_sentence(request_run: Request, tmp_path: Path) -> None:
    """Files that may not become larger, as batch systems limit them."""
    out = tmp_path / "results"
    done = subprocess.run(
        [*request_run.command, "--out", str(out), "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        check=False,
    )
    assert done.returncode == 1
    (sentence,) = done.stderr.strip().splitlines()
    assert "cannot be written (File too large)" in sentence
    assert not list(out.rglob("*.part"))
    assert not list(out.rglob("*.parquet"))


def test_a_read_only_folder_is_one_sentence_and_is_read(
    request_run: Request, refused: Callable[[Path], str], disk: SmallDisk
) -> None:
    disk.make_room()
    out = disk.folder / "results"
    command = [*request_run.arguments, "--out", str(out), "--quiet"]
    assert main(command) == 0
    disk.forbid_writing()
    try:
        assert "cannot be written (Read-only file system)" in refused(out)
        (run,) = read_runs(str(out))
        assert len(read_table(out, HEAD_COUNTS, run=run.name))
    finally:
        disk.allow_writing()
    assert main(command) == 0


def test_a_clock_that_goes_back_changes_nothing(request_run: Request, tmp_path: Path) -> None:
    """Half of it in the year 2038, by files' times; the rest now."""
    out = tmp_path / "results"
    with started(request_run, out) as process:
        wait_until(lambda: shards_in(out) >= 2, process)
        os.killpg(process.pid, signal.SIGKILL)
    for path in out.rglob("*"):
        os.utime(path, (2**31, 2**31))
    assert main([*request_run.arguments, "--out", str(out), "--quiet"]) == 0
    assert_same_tables(out, request_run.expected)


def test_the_second_run_says_who_is_there(request_run: Request, tmp_path: Path) -> None:
    out = tmp_path / "results"
    with started(request_run, out) as process:
        wait_until(lambda: shards_in(out) >= 1, process)
        with (
            pytest.raises(AtlasError, match=rf"Another run .*process {process.pid} of .* since 20"),
            locked_folder(str(out)),
        ):
            pytest.fail("two at once")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        (out / ".runs.parquet.0123.part").write_bytes(b"half")
        with locked_folder(str(out)):  # a killed run's lock goes with it
            assert not list(out.rglob("*.part"))


def test_two_runs_on_a_remote_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(folder_lock, "BEAT", 0.2)
    monkeypatch.setattr(folder_lock, "PATIENCE", 1.0)
    folder = f"memory://locks/{tmp_path.name}"
    said: list[str] = []
    held = rf"Another run .*process {os.getpid()} of"
    with (
        locked_folder(folder),
        pytest.raises(AtlasError, match=held),
        locked_folder(folder, said.append),
    ):
        pytest.fail("two at once")
    assert "looking whether it still is" in said[0]
    with locked_folder(folder, said.append):
        assert len(said) == 1, "the lock was given back"
