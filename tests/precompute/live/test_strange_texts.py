"""A protein, sequences, a family or one sentence, whatever a text is made of: 12,500 texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.precompute.live.strange_texts import EXAMPLES, TEXTS

LIMIT = 120
"""Seconds for 2,500 of them, which take some ten: no measure, but what hangs fails."""


@pytest.mark.parametrize("kind", TEXTS)
def test_whatever_it_is_made_of(kind: str) -> None:
    assert EXAMPLES * len(TEXTS) >= 10_000
    done = subprocess.run(
        [sys.executable, "-m", "tests.precompute.live.strange_texts", kind],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "done"
