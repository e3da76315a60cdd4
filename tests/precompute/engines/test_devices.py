"""One worker a device: a device is free when no living process holds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from precompute.engines.dask_cluster import local_engine
from precompute.engines.dask_worker import take_first_free
from precompute.errors import AtlasError

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from pathlib import Path
from precompute.engines.dask_worker import take_first_free
taken = take_first_free(["GPU-a", "GPU-b"], Path(sys.argv[1]))
print("none" if taken is None else taken[0], flush=True)
sys.stdin.read()
"""


def hold(folder: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_each_process_takes_a_device_of_its_own(tmp_path: Path) -> None:
    first, number = hold(tmp_path / "locks")
    second, other = hold(tmp_path / "locks")
    third, nothing = hold(tmp_path / "locks")
    try:
        assert (number, other, nothing) == ("0", "1", "none")
        second.kill()
        second.wait()
        found = take_first_free(["GPU-a", "GPU-b"], tmp_path / "locks")
        assert found is not None
        assert found[0] == 1  # the dead process's
        found[1].release()
    finally:
        for process in (first, second, third):
            process.kill()
            process.communicate()


def test_more_workers_than_devices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with (
        pytest.raises(AtlasError, match="more workers than the 2 cuda devices"),
        local_engine(3, "auto", lambda _: None),
    ):
        pytest.fail("started")
