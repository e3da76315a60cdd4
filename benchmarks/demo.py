"""How long the demo model takes to give attention: the first time, and after that.

    python benchmarks/demo.py [--repeats 5]

Each repeat is a new process: everything is imported and loaded anew. The ratio is that of
the first protein (imports included) to `import transformers` with its BERT alone, in the
same repeat.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = """
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
FLOOR = """
import json, time
clock = time.perf_counter()
import torch
from transformers import BertConfig, BertModel
print(json.dumps([time.perf_counter() - clock]))
"""


def timed(code: str) -> list[float]:
    """Run code in a new process; give the seconds it prints."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return list(json.loads(run.stdout.splitlines()[-1]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    rows = [(timed(FLOOR)[0], *timed(FIRST)) for _ in range(repeats)]
    for label, values in (
        ("import of torch and BERT alone, s", [row[0] for row in rows]),
        ("first protein, imports included, s", [row[1] for row in rows]),
        ("next protein, s", [row[2] for row in rows]),
        ("first protein / imports alone", [row[1] / row[0] for row in rows]),
    ):
        print(
            f"{label}: median {statistics.median(values):.2f} "
            f"({min(values):.2f} to {max(values):.2f}), n = {repeats}"
        )


if __name__ == "__main__":
    main()
