"""A probing as the command writes it, with scores that tell themselves apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from precompute.probes.tasks import TASKS
from precompute.tables import PROBE_RUNS, PROBE_SCORES, add_run

LAYERS = 3


def score_of(task: str, source: str, layer: int, control: str) -> float:
    """A value that only this score has."""
    place = [*TASKS, "own:mine"].index(task)
    high = 0.5 if control == "none" else 0.1
    return high + 0.01 * layer + 0.04 * place + (0.005 if source == "attention" else 0.0)


def write_probes(folder: Path, run: str, model: str, *, own: bool = False) -> str:
    """Add a probing of all tasks, or of one's own labels, to a results folder."""
    tasks = {"own:mine": "accuracy"} if own else {t.name: t.score for t in TASKS.values()}
    row = {
        column.name: {"string": "x", "int16": LAYERS, "int64": 40, "double": 1.5}.get(
            str(column.type), []
        )
        for column in PROBE_RUNS.columns
    }
    row |= {"run": run, "model": model, "dataset": "structures", "notes": '{"families": "9 of 9"}'}
    scores = [
        {
            "run": run,
            "task": task,
            "source": source,
            "layer": layer,
            "protocol": protocol,
            "control": control,
            "score": tasks[task],
            "value": value,
            "lower": value - 0.02 if protocol == "corrected" else None,
            "upper": value + 0.02 if protocol == "corrected" else None,
            "proteins": 8,
            "residues": 900,
        }
        for task in tasks
        for source in ("embeddings", "attention")
        for layer in range(1, LAYERS + 1)
        for protocol, control in (
            ("corrected", "none"),
            ("corrected", "shuffled"),
            ("paper", "none"),
        )
        if protocol == "corrected" or (task in TASKS and TASKS[task].in_paper)
        for value in [score_of(task, source, layer, control)]
    ]
    frame = pd.DataFrame(scores, columns=list(PROBE_SCORES.column_names))
    add_run(folder, pd.DataFrame([row]), {PROBE_SCORES: frame}, PROBE_RUNS)
    return run
