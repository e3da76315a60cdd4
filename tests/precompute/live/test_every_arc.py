"""The arcs of all heads that a visitor takes along, read back with pandas."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from precompute.attention.arcs_file import COLUMNS
from precompute.live.programs.every_arc import write_every_arc
from precompute.live.running.attention import SCALE, attend
from tests.checkpoints import make_checkpoint, own_checkpoint


def test_every_head_is_read_back_as_it_was_kept(tmp_path: Path) -> None:
    checkpoint = own_checkpoint(make_checkpoint(tmp_path, "esm2_t6_8m"), "esm")
    attention = attend(checkpoint.load(), "GAVLIPFMWSTCYNQDEKRH")
    frame = pd.read_parquet(io.BytesIO(write_every_arc(attention, "=1A <b>", "mine")))
    assert list(frame) == COLUMNS.names
    assert set(frame["protein"]) == {"=1A <b>"}
    assert len(frame) == len(attention.weight) > 0
    for layer in range(1, attention.layers + 1):
        for head in range(1, attention.heads + 1):
            found = frame[(frame["layer"] == layer) & (frame["head"] == head)]
            arcs = attention.head(layer, head)
            np.testing.assert_array_equal(found["from"], arcs.source + 1)
            np.testing.assert_array_equal(found["to"], arcs.target + 1)
            np.testing.assert_allclose(found["weight"], arcs.weight / SCALE, rtol=1e-6)


def test_the_server_writes_it_without_torch() -> None:
    told = "import sys, precompute.live.programs.every_arc; print('torch' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", told],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "False"
