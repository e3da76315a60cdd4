"""No parser of strangers' text takes more than a moment for a megabyte, whatever it holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.precompute.live.worst_text import PARSERS

LIMIT = 100
"""Seconds for some sixty megabytes, which take one to five: no measure, but what hangs fails."""


@pytest.mark.parametrize("parser", PARSERS)
def test_a_megabyte_of_the_worst(parser: str) -> None:
    command = [sys.executable, "-m", "tests.precompute.live.worst_text", parser]
    try:
        done = subprocess.run(
            command,
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"").decode().splitlines()
        pytest.fail(f"{parser} hangs on {said[-1] if said else 'its imports'}")
    last = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"{parser} fails on {last}: {done.stderr[-2000:]}"
    assert last == ["done"]
