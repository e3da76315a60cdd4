"""A run on a CUDA device, by one process and by a worker."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from precompute.command_line import main
from precompute.tables import list_runs
from tests.precompute.engines.runs import Request, assert_same_tables

pytestmark = pytest.mark.cuda


def run(request: Request, out: Path, device: str, *more: str) -> int:
    return main([*request.arguments, "--out", str(out), "--quiet", "--device", device, *more])


def test_a_run_on_the_device_says_so_and_counts_what_a_processor_counts(
    request_run: Request, tmp_path: Path
) -> None:
    for device in ("cuda", "cpu"):
        assert run(request_run, tmp_path / device, device) == 0
    (named,) = list_runs(tmp_path / "cuda")["device"]
    assert named == f"cuda: {torch.cuda.get_device_name()}"
    assert_same_tables(tmp_path / "cuda", tmp_path / "cpu", threads_differ=True)


def test_a_worker_takes_the_device_and_one_more_than_there_are_is_refused(
    request_run: Request, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(request_run, tmp_path / "one", "cuda", "--workers", "1") == 0
    assert "cuda: " in list_runs(tmp_path / "one")["device"].item()
    assert_same_tables(tmp_path / "one", request_run.expected, threads_differ=True)
    count = torch.cuda.device_count()
    assert run(request_run, tmp_path / "more", "cuda", "--workers", str(count + 1)) != 0
    assert f"more workers than the {count} cuda device" in capsys.readouterr().err
