"""A small results folder for the pages' tests: random arcs, really counted.

Each head's arcs are drawn protein by protein with the paper's own shares as
probabilities, so that the tables are consistent (every arc has one amino acid, the
sums of squares are sums over these proteins) and near the published values.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from precompute.features import AMINO_ACID_FEATURES
from precompute.published import read_published
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    HEAD_EXAMPLES,
    PUBLISHED_HEADS,
    RUNS,
    SPECIAL_ATTENTION,
    add_run,
)

F = TypeVar("F", Path, str)

DATASET = "binding_sites"
FEATURES = ("binding_site", *AMINO_ACID_FEATURES)
PROTEINS = 40
TAPE_RUN = "tape_bert-binding_sites-test"
OWN_RUN = "own-binding_sites-test"
OWN_MODEL = "own_model"


def published_shares(model: str) -> pd.DataFrame:
    """Give the published shares of a model: features as columns, NaN where masked."""
    heads = read_published(PUBLISHED_HEADS)
    heads = heads[heads["model"] == model]
    shares = heads.pivot(index=["layer", "head"], columns="feature", values="percent") / 100
    return shares[list(FEATURES)]


def own_shares() -> pd.DataFrame:
    """Make shares of a model of 3 layers and 4 heads; the last head has no arc."""
    random = np.random.default_rng(7)
    index = pd.MultiIndex.from_product([range(1, 4), range(1, 5)], names=["layer", "head"])
    shares = pd.DataFrame(random.random((12, len(FEATURES))), index=index, columns=list(FEATURES))
    shares.iloc[-1] = np.nan
    return shares


def count_arcs(shares: pd.DataFrame, seed: int, arcs_a_protein: int = 60) -> pd.DataFrame:
    """Draw arcs and count them: one row a protein, head, feature and threshold."""
    random = np.random.default_rng(seed)
    rows = []
    for (layer, head), row in shares.iterrows():  # type: ignore[misc]
        masked = bool(row.isna().all())
        amino_acids = row[list(AMINO_ACID_FEATURES)].fillna(1e-6).to_numpy()
        for protein in range(PROTEINS):
            count = 0 if masked else int(random.poisson(arcs_a_protein))
            weights = random.uniform(0.3, 1.0, count)
            letters = random.choice(20, count, p=amino_acids / amino_acids.sum())
            sites = random.random(count) < (0.0 if masked else row["binding_site"])
            for threshold in (0.3, 0.6):
                kept = weights >= threshold
                hits = np.bincount(letters[kept], minlength=20)
                values = [int((sites & kept).sum()), *hits.tolist()]
                rows += [
                    (layer, head, protein, feature, threshold, int(kept.sum()), hit)
                    for feature, hit in zip(FEATURES, values, strict=True)
                ]
    names = ["layer", "head", "protein", "feature", "threshold", "arcs", "hits"]
    return pd.DataFrame(rows, columns=names)


def head_counts(by_protein: pd.DataFrame, run: str, model: str) -> pd.DataFrame:
    """Sum counts over proteins into rows of ``head_counts``."""
    frame = by_protein.assign(
        proteins=(by_protein["arcs"] > 0).astype(int),
        hits_squared=by_protein["hits"] ** 2,
        hits_arcs=by_protein["hits"] * by_protein["arcs"],
        arcs_squared=by_protein["arcs"] ** 2,
    )
    sums = ["arcs", "hits", "proteins", "hits_squared", "hits_arcs", "arcs_squared"]
    frame = frame.groupby(["feature", "threshold", "layer", "head"], as_index=False)[sums].sum()
    return frame.assign(
        run=run,
        model=model,
        dataset=DATASET,
        attention="self",
        eligible=frame["arcs"],
        hits_eligible=frame["hits_arcs"],
        eligible_squared=frame["arcs_squared"],
    )


def background(run: str) -> pd.DataFrame:
    """Make backgrounds: 5 % binding sites (6 % of the measured residues), 4 % an amino acid.

    As in a real run, only binding sites have the paper's definition.
    """
    rows = [(run, DATASET, "binding_site", "published", 500, 10_000)]
    rows += [
        (run, DATASET, feature, "corrected", 600 if feature == "binding_site" else 400, 10_000)
        for feature in FEATURES
    ]
    names = ["run", "dataset", "feature", "definition", "positives", "eligible"]
    return pd.DataFrame(rows, columns=names).assign(proteins=PROTEINS)


def run_row(run: str, model: str, layers: int, heads: int, started: str) -> pd.DataFrame:
    """Make the row of ``runs``."""
    values = {
        "run": run,
        "model": model,
        "architecture": "bert",
        "model_source": "made up",
        "model_revision": "none",
        "weights_sha256": "0" * 64,
        "layers": layers,
        "heads": heads,
        "dataset": DATASET,
        "dataset_source": "made up",
        "dataset_sha256": "1" * 64,
        "dataset_size": PROTEINS,
        "proteins": PROTEINS,
        "residues": 10_000,
        "protein_ids": [f"p{number}" for number in range(PROTEINS)],
        "protein_records": list(range(PROTEINS)),
        "seed": 0,
        "thresholds": [0.3, 0.6],
        "max_length": 512,
        "number_type": "float32",
        "device": "cpu",
        "versions": "{}",
        "command": "made up",
        "started": started,
        "wall_seconds": 1.0,
        "skipped": "{}",
        "notes": "{}",
    }
    return pd.DataFrame({name: [value] for name, value in values.items()})[list(RUNS.column_names)]


def write_results(folder: F) -> F:
    """Write a results folder, local or remote, of two runs: TapeBert's shape, and its own."""
    started = "2026-11-21T00:00:0{}Z"
    plans = (
        (TAPE_RUN, "tape_bert", published_shares("tape_bert"), 12, 12, started.format(1)),
        (OWN_RUN, OWN_MODEL, own_shares(), 3, 4, started.format(2)),
    )
    for seed, (run, model, shares, layers, heads, begun) in enumerate(plans):
        counts = head_counts(count_arcs(shares, seed), run, model)
        add_run(
            folder,
            run_row(run, model, layers, heads, begun),
            {
                HEAD_COUNTS: counts,
                BACKGROUND: background(run),
                HEAD_EXAMPLES: pd.DataFrame(columns=list(HEAD_EXAMPLES.column_names)),
                SPECIAL_ATTENTION: pd.DataFrame(columns=list(SPECIAL_ATTENTION.column_names)),
            },
        )
    return folder
