"""How long the demo model takes to give attention: the first time, and after that."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.options import ROOT, Options
from benchmarks.table import Absolute, Row, compare

GROUP = "demo"
DEFINITION = (
    "the demo model's attention on a first and on a further example, from a new process each "
    "repeat, imports and loading included in the first; beside `import torch` with transformers' "
    "BERT in another new process of the same repeat."
)
_FIRST = """
import json, time
clock = time.perf_counter()
from precompute.examples import load_example
from precompute.models import find_model
from precompute.models.loading import Checkpoint
from precompute.models.weights import find_weights
model = find_model("demo")
adapter = Checkpoint(model, find_weights(model, None, print)).load()
chain = load_example("1mvo").engine_chain()
adapter.attend([adapter.encode(chain.sequence)], lambda layer, probabilities: None)
first = time.perf_counter() - clock
clock = time.perf_counter()
chain = load_example("1t8k").engine_chain()
adapter.attend([adapter.encode(chain.sequence)], lambda layer, probabilities: None)
print(json.dumps([first, time.perf_counter() - clock]))
"""
_FLOOR = """
import json, time
clock = time.perf_counter()
import torch
from transformers import BertConfig, BertModel
print(json.dumps([time.perf_counter() - clock]))
"""


def rows(options: Options) -> Iterator[Row]:
    """Measure both."""
    options.say("demo: first protein and a further one")
    found = [(_timed(_FLOOR)[0], *_timed(_FIRST)) for _ in range(options.repeats(5))]
    floor, first, further = (tuple(column) for column in zip(*found, strict=True))
    imports = Absolute("import of torch and BERT alone", floor)
    yield compare(
        GROUP, "first protein", Absolute("first protein, imports included", first), imports
    )
    yield compare(GROUP, "a further protein", Absolute("a further protein", further), imports)


def _timed(code: str) -> list[float]:
    """Run code in a new process; give the seconds it prints."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return list(json.loads(run.stdout.splitlines()[-1]))
