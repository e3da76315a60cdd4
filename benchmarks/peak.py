"""One step of `benchmarks.memory` in a process of its own: make, whole or bare."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks import alignments
from benchmarks.checkpoints import SHAPES
from benchmarks.memory import peak_of
from tests.checkpoints import make_checkpoint

if __name__ == "__main__":
    way, folder, model, *size = sys.argv[1:]
    if way == "make":
        if size:
            alignments.make(Path(folder))
        else:
            make_checkpoint(Path(folder), model, **SHAPES[model])
        print("{}")
    elif size:
        rows, columns = map(int, size)
        print(json.dumps(alignments.peak_above(Path(folder), way, rows, columns)))
    else:
        print(json.dumps(peak_of(Path(folder), model, way)))
