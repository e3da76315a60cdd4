"""A megabyte of a structure takes no minutes and no gigabytes, whatever it is made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 90
"""Seconds for some fifteen megabytes: no measure, but what is quadratic needs more."""


def test_a_megabyte_of_each_record() -> None:
    command = [sys.executable, "-m", "tests.precompute.worst_structures"]
    try:
        done = subprocess.run(
            command,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"it takes too long: {(error.stdout or b'').decode().splitlines()}")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "done"
    assert "alloc" not in done.stdout, "what lacks memory is not called damaged"
