"""A run of a model whose heads are known: each head's arcs go where its name says.

Counted with plain loops over random proteins, at two thresholds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from precompute.features import AMINO_ACIDS, FEATURES, OFFSET_FEATURES
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    HEAD_EXAMPLES,
    SPECIAL_ATTENTION,
    add_run,
)
from tests.measured import run_row

RUN = "positions-structures-test"
MODEL = "positions"
PROTEINS, LENGTH = 20, 60
THRESHOLDS = (0.3, 0.45)
HEADS = {
    (1, 1): "previous",
    (1, 2): "itself",
    (1, 3): "anywhere",
    (2, 1): "contact",
    (2, 2): "sink",
    (2, 3): "broad",
}
NAMES = ("contact", *(f"amino_acid:{letter}" for letter in AMINO_ACIDS), *OFFSET_FEATURES)


class _Protein:
    """A random protein: letters, and the pairs that are in contact."""

    def __init__(self, random: np.random.Generator) -> None:
        self.letters = random.choice(list(AMINO_ACIDS), LENGTH)
        touch = np.triu(random.random((LENGTH, LENGTH)) < 0.02, 6)
        self.contacts = touch | touch.T

    def has(self, feature: str, i: int, j: int) -> bool:
        kind, _, value = feature.partition(":")
        if kind == "contact":
            return bool(self.contacts[i, j])
        if kind == "amino_acid":
            return bool(self.letters[j] == value)
        return abs(j - i) > 10 if value == "far" else j - i == int(value)

    def eligible(self, feature: str, i: int, j: int) -> bool:
        return feature != "contact" or abs(i - j) >= 6


def _arcs(
    kind: str, protein: _Protein, random: np.random.Generator
) -> list[tuple[int, int, float]]:
    """Draw arcs (attending residue, attended residue, weight)."""
    arcs = []
    for i in range(LENGTH):
        near = {"previous": i - 1, "itself": i}.get(kind, -1)
        touching = np.flatnonzero(protein.contacts[i])
        if kind == "contact" and len(touching) and random.random() < 0.8:
            near = int(random.choice(touching))
        if kind in ("broad", "sink") and random.random() < 0.997:
            continue
        if near < 0 or random.random() < 0.1:
            near = int(random.integers(LENGTH))
        arcs.append((i, near, float(random.uniform(0.3, 0.9))))
    return arcs


def write_positions(folder: Path) -> Path:
    """Write the results folder."""
    random = np.random.default_rng(11)
    proteins = [_Protein(random) for _ in range(PROTEINS)]
    rows, examples = [], []
    for (layer, head), kind in HEADS.items():
        drawn = [_arcs(kind, protein, random) for protein in proteins]
        for feature in NAMES:
            for threshold in THRESHOLDS:
                table = []
                for protein, arcs in zip(proteins, drawn, strict=True):
                    kept = [(i, j) for i, j, weight in arcs if weight >= threshold]
                    may = [pair for pair in kept if protein.eligible(feature, *pair)]
                    table.append(
                        (len(kept), len(may), sum(protein.has(feature, *pair) for pair in may))
                    )
                rows.append(_row(layer, head, feature, threshold, table))
                if threshold == 0.3:
                    examples += _examples(layer, head, feature, table)
    background = []
    for feature in NAMES:
        pairs = [
            (protein.has(feature, i, j), protein.eligible(feature, i, j))
            for protein in proteins[:5]
            for i in range(LENGTH)
            for j in range(LENGTH)
        ]
        hits = sum(hit and may for hit, may in pairs)
        background.append((RUN, "structures", feature, "corrected", hits, sum(m for _, m in pairs)))
    names = ["run", "dataset", "feature", "definition", "positives", "eligible"]
    backgrounds = pd.DataFrame(background, columns=names)
    contact = backgrounds[backgrounds["feature"] == "contact"].assign(
        definition="published", positives=13, eligible=1000
    )
    special = pd.DataFrame(
        [
            (layer, head, PROTEINS * LENGTH, PROTEINS * LENGTH * (0.9 if kind == "sink" else 0.1))
            for (layer, head), kind in HEADS.items()
        ],
        columns=["layer", "head", "residues", "weight"],
    )
    same = {"run": RUN, "model": MODEL, "dataset": "structures", "attention": "self"}
    row = run_row(RUN, MODEL, 2, 3, "2026-11-21T00:00:03Z").assign(
        dataset="structures", proteins=PROTEINS, thresholds=[list(THRESHOLDS)]
    )
    add_run(
        folder,
        row,
        {
            HEAD_COUNTS: pd.DataFrame(rows).assign(**same),
            BACKGROUND: pd.concat([backgrounds, contact]).assign(proteins=PROTEINS),
            HEAD_EXAMPLES: pd.DataFrame(examples).assign(**same),
            SPECIAL_ATTENTION: special.assign(**same),
        },
    )
    assert set(NAMES) <= set(FEATURES)
    return folder


def _row(
    layer: int, head: int, feature: str, threshold: float, table: list[tuple[int, int, int]]
) -> dict[str, object]:
    return {
        "layer": layer,
        "head": head,
        "feature": feature,
        "threshold": threshold,
        "arcs": sum(a for a, _, _ in table),
        "eligible": sum(e for _, e, _ in table),
        "hits": sum(h for _, _, h in table),
        "proteins": sum(a > 0 for a, _, _ in table),
        "hits_squared": sum(h * h for _, _, h in table),
        "hits_arcs": sum(h * a for a, _, h in table),
        "arcs_squared": sum(a * a for a, _, _ in table),
        "hits_eligible": sum(h * e for _, e, h in table),
        "eligible_squared": sum(e * e for _, e, _ in table),
    }


def _examples(
    layer: int, head: int, feature: str, table: list[tuple[int, int, int]]
) -> list[dict[str, object]]:
    best = sorted(range(PROTEINS), key=lambda place: (-table[place][2], place))[:5]
    return [
        {
            "layer": layer,
            "head": head,
            "feature": feature,
            "rank": rank,
            "protein": f"1abc.{chr(65 + place)}",
            "chain": chr(65 + place),
            "arcs": table[place][0],
            "hits": table[place][2],
        }
        for rank, place in enumerate(best, 1)
        if table[place][2]
    ]
