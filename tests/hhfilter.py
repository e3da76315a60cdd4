"""A stand-in for HH-suite's hhfilter, which few machines have: it keeps every third row."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

_PROGRAM = """#!{python}
import sys
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
rows = open(given["-i"]).read().split(">")[1:]
kept = rows[:1] + rows[1::3][: int(given["-diff"]) - 1]
open(given["-o"], "w").write("".join(">" + row for row in kept))
"""


def write_hhfilter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the stand-in before all other programs."""
    program = folder / "hhfilter"
    program.write_text(_PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
