"""One step of `benchmarks.memory` in a process of its own: make, whole or bare."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.checkpoints import SHAPES
from benchmarks.memory import peak_of
from tests.checkpoints import make_checkpoint

if __name__ == "__main__":
    way, model, folder = sys.argv[1:]
    if way == "make":
        make_checkpoint(Path(folder), model, **SHAPES[model])
        print("{}")
    else:
        print(json.dumps(peak_of(Path(folder), model, way)))
