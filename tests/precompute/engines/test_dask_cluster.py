"""The same tables from one process, two workers, a killed worker and a resumed run.

Everything here is real: the command line in a process of its own, Dask's own schedulers
and workers as further processes, SIGKILL and Ctrl-C. Where nothing is killed, the command
line runs in the tests' process: each further one imports torch for seconds.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client, LocalCluster

from precompute.command_line import main
from precompute.engines import dask_cluster, measurer
from precompute.errors import AtlasError
from precompute.models.loading import Checkpoint
from precompute.tables import list_runs
from tests.checkpoints import make_checkpoint
from tests.precompute.engines.here import workers_here
from tests.precompute.engines.runs import Request, assert_same_tables

PATIENCE = 200
ROOT = Path(__file__).parents[3]


@contextmanager
def started(
    request: Request, out: Path, *arguments: str, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """Start the command in a session of its own; end whatever is left of it."""
    process = subprocess.Popen(
        [*request.command, "--out", str(out), *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def shards_in(out: Path) -> int:
    return len(list(out.rglob("*.shard")))


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def without_bars(said: str) -> str:
    return "\n".join(
        line for line in re.split(r"[\r\n]+", said) if line.strip() and "%|" not in line
    )


def read_end(process: subprocess.Popen[str]) -> str:
    """Wait for the end and give what was said, without bars."""
    return without_bars(process.communicate(timeout=PATIENCE)[1])


@pytest.fixture
def run_here(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command in this process; give its exit status and what was said."""

    def run(request: Request, out: Path, *arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        status = main([*request.arguments, "--out", str(out), *arguments])
        return status, without_bars(capsys.readouterr().err)

    return run


def test_two_workers_measure_what_one_process_does(request_run: Request, tmp_path: Path) -> None:
    with started(request_run, tmp_path / "two", "--workers", "2") as process:
        said = read_end(process)
    assert process.returncode == 0, said
    assert re.search(r"2 workers of \d+ threads? each; dashboard: http://127\.0\.0\.1:\d+", said)
    assert "Traceback" not in said
    assert list_runs(tmp_path / "two")["device"].item().startswith("2 Dask workers: cpu: ")
    assert_same_tables(tmp_path / "two", request_run.expected)


def test_a_killed_worker_changes_nothing(request_run: Request, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    with started(request_run, out, "--workers", "2") as process:
        wait_until(lambda: shards_in(out) >= 2, process)
        workers = workers_of(process)
        assert len(workers) == 2
        workers[0].kill()
        assert not list(out.glob("*.parquet")), "it was over before the kill: nothing was tried"
        said = read_end(process)
    assert process.returncode == 0, said
    assert re.search(r"The worker tcp://\S+ is gone: its shard is measured again\.", said)
    assert "Traceback" not in said
    assert_same_tables(out, request_run.expected)


def test_an_interrupted_run_keeps_what_is_done(
    request_run: Request, tmp_path: Path, run_here: Callable[..., tuple[int, str]]
) -> None:
    """Ctrl-C reaches the whole process group, workers included; another engine goes on."""
    out = tmp_path / "interrupted"
    with started(request_run, out, "--workers", "2") as process:
        wait_until(lambda: shards_in(out) >= 2, process)
        workers = workers_of(process)
        os.killpg(process.pid, signal.SIGINT)
        said = read_end(process)
    assert process.returncode == 130, said
    assert "the same command takes up where it stopped" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert not list(out.glob("*.parquet"))
    kept = shards_in(out)
    assert kept >= 2
    psutil.wait_procs(workers, timeout=PATIENCE)
    assert not [worker for worker in workers if worker.is_running()]
    status, said = run_here(request_run, out)
    assert status == 0, said
    assert f"{kept} of " in said
    assert_same_tables(out, request_run.expected)


PRELOAD = """
import os
import precompute.engines.measurer as measurer

def measure_items(adapter, items, *arguments):
    if any(pair is not None and pair[0].identifier == "p100" for i in items for pair in i.chains):
        os._exit(9)
    return measurer.plain(adapter, items, *arguments)

if not hasattr(measurer, "plain"):  # Dask loads a preload twice
    measurer.plain = measurer.measure_items
    measurer.measure_items = measure_items
"""


def test_a_shard_whose_workers_die_is_named_and_the_rest_completes(
    request_run: Request, tmp_path: Path, run_here: Callable[..., tuple[int, str]]
) -> None:
    preload = tmp_path / "preload_trouble.py"
    preload.write_text(PRELOAD)
    out = tmp_path / "failed"
    environment = {"DASK_DISTRIBUTED__WORKER__PRELOAD": str(preload)}
    with started(request_run, out, "--workers", "2", **environment) as process:
        said = read_end(process)
    assert process.returncode == 1, said
    assert_one_failed(request_run, out, said, "the worker that had it died", run_here)


def test_a_shard_that_raises_is_named_and_the_rest_completes(
    request_run: Request,
    tmp_path: Path,
    run_here: Callable[..., tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = measurer.measure_items

    def measure_items(adapter: Any, items: Any, *arguments: Any) -> Any:
        if any(
            pair is not None and pair[0].identifier == "p100"
            for item in items
            for pair in item.chains
        ):
            raise RuntimeError("a broken driver")
        return plain(adapter, items, *arguments)

    out = tmp_path / "failed"
    with workers_here() as address, monkeypatch.context() as patch:
        patch.setattr(measurer, "measure_items", measure_items)
        status, said = run_here(request_run, out, "--scheduler", address)
    assert status == 1, said
    assert_one_failed(request_run, out, said, "RuntimeError: a broken driver", run_here)


def assert_one_failed(
    request_run: Request,
    out: Path,
    said: str,
    reason: str,
    run_here: Callable[..., tuple[int, str]],
) -> None:
    sentence = said.splitlines()[-1]
    assert re.search(r"A shard failed 3 times: shard \d+ \(p\d+ and \d+ more, up to", sentence)
    assert reason in sentence
    assert "Traceback" not in said
    assert not list(out.glob("*.parquet"))
    kept = shards_in(out)
    status, said = run_here(request_run, out)  # the trouble is over
    assert status == 0, said
    assert f"{kept} of {kept + 1} shards were kept" in said
    assert_same_tables(out, request_run.expected)


@contextmanager
def cluster(folder: Path, workers: int = 1) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Dask's own scheduler and workers, started as an administrator would.

    Gives the scheduler's address and process.
    """
    folder.mkdir()
    address_file = folder / "scheduler.json"
    log = (folder / "log").open("w")
    python = {**os.environ, "PYTHONPATH": str(ROOT)}
    options = {"cwd": folder, "env": python, "stdout": log, "stderr": log}
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"),
                *("--port", "0", "--dashboard-address", "127.0.0.1:0"),
                *("--scheduler-file", str(address_file)),
            ],
            **options,  # type: ignore[call-overload]
        )
    ]
    for _ in range(workers):
        processes.append(
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "distributed.cli.dask_worker", "--host", "127.0.0.1"),
                    *("--scheduler-file", str(address_file), "--nthreads", "1"),
                    *("--dashboard-address", "127.0.0.1:0"),
                ],
                **options,  # type: ignore[call-overload]
            )
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not address_file.exists() or not address_file.read_text().strip():
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        match = re.search(r'"address": "(tcp://[^"]+)"', address_file.read_text())
        assert match
        yield match[1], processes[0]
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(PATIENCE)
        log.close()


@pytest.fixture(scope="module")
def own_cluster(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One cluster for the tests that need one; the last of them ends it."""
    with cluster(tmp_path_factory.mktemp("own") / "cluster") as found:
        yield found


def test_any_scheduler_will_do(
    request_run: Request, tmp_path: Path, own_cluster: tuple[str, subprocess.Popen[bytes]]
) -> None:
    """A cluster of one's own, its workers in another folder; it stays when the run is over."""
    address, scheduler = own_cluster
    out = tmp_path / "scheduler"
    with started(request_run, out, "--scheduler", address) as process:
        said = read_end(process)
    assert process.returncode == 0, said
    assert "dashboard: http://127.0.0.1:" in said
    assert_same_tables(out, request_run.expected)
    assert scheduler.poll() is None


def test_workers_with_other_weights_under_the_same_path_are_refused(
    request_run: Request,
    tmp_path: Path,
    own_cluster: tuple[str, subprocess.Popen[bytes]],
    run_here: Callable[..., tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weights = Path(request_run.command[request_run.command.index("--weights") + 1])
    moved = tmp_path / "elsewhere"
    other = Request(
        [part if part != str(weights) else str(moved) for part in request_run.command],
        request_run.expected,
    )
    make_checkpoint(moved, "prot_bert", layers=2, heads=2, width=16, seed=7)
    # Here the run is told of other weights than those that the workers find.
    monkeypatch.setattr(Checkpoint, "sha256", lambda _: "another")
    status, said = run_here(other, tmp_path / "no", "--scheduler", own_cluster[0])
    assert status == 1
    assert re.search(r"The worker on \S+: .*elsewhere holds other weights here", said)
    assert "Traceback" not in said


def test_a_scheduler_that_is_lost_is_one_sentence(
    request_run: Request,
    tmp_path: Path,
    own_cluster: tuple[str, subprocess.Popen[bytes]],
    run_here: Callable[..., tuple[int, str]],
) -> None:
    """Stands behind the others that use the cluster, for it ends the scheduler."""
    address, scheduler = own_cluster
    out = tmp_path / "lost"
    with started(request_run, out, "--scheduler", address) as process:
        wait_until(lambda: shards_in(out) >= 2, process)
        scheduler.kill()
        said = read_end(process)
    assert process.returncode == 1
    assert f"The Dask scheduler at {address} was lost" in said.splitlines()[-1]
    assert "Traceback" not in said
    kept = shards_in(out)
    assert kept >= 2
    status, said = run_here(request_run, out)
    assert status == 0, said
    assert f"{kept} of " in said
    assert_same_tables(out, request_run.expected)


def test_a_scheduler_that_is_not_there_is_one_sentence(
    request_run: Request,
    tmp_path: Path,
    run_here: Callable[..., tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT", 1.0)
    status, said = run_here(
        request_run, tmp_path / "no", "--scheduler", "tcp://127.0.0.1:9", "--quiet"
    )
    assert status == 1
    assert said.count("\n") == 0
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in said


def test_both_ways_at_once_are_refused(
    request_run: Request, tmp_path: Path, run_here: Callable[..., tuple[int, str]]
) -> None:
    status, said = run_here(
        request_run, tmp_path / "no", "--scheduler", "tcp://127.0.0.1:9", "--workers", "2"
    )
    assert status == 1
    assert "not both" in said


def test_nothing_of_dask_is_imported_unless_it_is_asked_for(
    request_run: Request, tmp_path: Path
) -> None:
    arguments = [*request_run.arguments, "--out", str(tmp_path / "one"), "--quiet"]
    code = (
        "import sys\nfrom precompute.command_line import main\n"
        f"assert main({arguments}) == 0\n"
        "found = {name.partition('.')[0] for name in sys.modules} & {'dask', 'distributed'}\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert_same_tables(tmp_path / "one", request_run.expected)


def test_workers_that_never_come_back_are_waited_for_and_then_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_cluster, "_with_whole_path", lambda work: work)
    shard = {0: []}
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        engine = dask_cluster.DaskCluster(client, "this machine", patience=0.2)
        with pytest.raises(AtlasError, match="none has come back; finished shards are kept"):
            list(engine.measure(None, shard, lambda item: None, print))  # type: ignore[arg-type]
