"""What a run is called and what its row in `runs` says of it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from precompute import __version__
from precompute.drawn import Sample, skipped_of
from precompute.models import Model, same_reading
from precompute.models.loading import READ_AS_UNKNOWN, Checkpoint
from precompute.models.weights import remember_folder
from precompute.settings import Settings
from precompute.tables import SCHEMA_VERSION, to_json
from precompute.tally import THRESHOLDS
from precompute.windows import window_starts

CAUSAL = (
    "no residue attends to one behind it, so that forward offsets are not eligible, and pairs are "
    "those of a residue with itself and the ones before it"
)
"""What is said of a run of a model that reads one way."""
JOINED = (
    "a residue attends as its token does, and what goes to a token is shared evenly among its "
    "residues; they attend to one another, and otherwise only to residues before them: no other "
    "pair is eligible"
)
"""What is said instead where a token may stand for several residues."""
TOKENS = "residues of a token"
"""Under which name it is said how many there are."""
PACKAGES = ("torch", "transformers", "numpy", "pyarrow", "pandas")


def run_name(model: str, dataset: str, identity: dict[str, Any]) -> str:
    """Name a run after its model, its dataset and everything that its counts depend on."""
    return f"{model}-{dataset}-{digest(identity)[:8]}"


def digest(identity: dict[str, Any]) -> str:
    """SHA-256 over everything that counts depend on, in hexadecimal."""
    return hashlib.sha256(to_json(identity).encode()).hexdigest()


def run_identity(
    checkpoint: Checkpoint, weights: str, samples: Sequence[Sample], settings: Settings
) -> dict[str, Any]:
    """Gather everything that the counts of some samples depend on, as JSON can hold it."""
    reading = checkpoint.reading()
    return {
        **({"reading": reading} if reading else {}),
        "model": checkpoint.model.name,
        "architecture": checkpoint.model.architecture,
        "weights": weights,
        "datasets": [[sample.dataset.name, sample.sha256, sample.notes] for sample in samples],
        "proteins": [len(sample.records) for sample in samples],
        "seed": settings.seed,
        "max_length": settings.max_length,
        "precision": settings.precision,
        "thresholds": list(THRESHOLDS),
        "schema": SCHEMA_VERSION,
    }


def run_row(
    checkpoint: Checkpoint, weights: str, sample: Sample, settings: Settings
) -> dict[str, Any]:
    """Fill in what the `runs` table says of a run, as far as it is known before the run."""
    model = checkpoint.model
    identity = run_identity(checkpoint, weights, [sample], settings)
    return {
        "run": run_name(model.name, sample.dataset.name, identity),
        "model": model.name,
        "architecture": model.architecture,
        "model_source": model.source,
        "model_revision": checkpoint.weights.revision,
        "weights_sha256": weights,
        "dataset": sample.dataset.name,
        "dataset_source": sample.dataset.source,
        "dataset_sha256": sample.sha256,
        "dataset_size": sample.size,
        "proteins": len(sample.chains),
        "residues": sum(len(chain) for chain in sample.chains),
        "protein_ids": [chain.identifier for chain in sample.chains],
        "protein_records": list(sample.records),
        "seed": settings.seed,
        "thresholds": list(THRESHOLDS),
        "max_length": settings.max_length,
        "number_type": settings.precision,
        "skipped": to_json(skipped_of(sample)),
        "notes": to_json(
            {
                **sample.notes,
                **_of_model(model, sample),
                **_joined_notes(checkpoint, sample, settings),
                **_reading_notes(checkpoint, sample),
                **remember_folder(checkpoint.weights),
            }
        ),
    }


def _of_model(model: Model, sample: Sample) -> dict[str, str]:
    """Say which attention is counted, and how much of the sample is longer than its training."""
    notes = {}
    if model.causal:
        notes["attention"] = f"{model.attention}: {CAUSAL}"
    if model.reads_alignments:
        notes["attention"] = f"{model.attention}: one map for all rows of an alignment"
    if model.longest_seen is not None:
        longer = sum(len(chain) > model.longest_seen for chain in sample.chains)
        of = f"{longer:,} of {len(sample.chains):,} proteins are longer"
        notes["longest input in training"] = f"{model.longest_seen} residues; {of}"
    return notes


def _joined_notes(checkpoint: Checkpoint, sample: Sample, settings: Settings) -> dict[str, str]:
    """Say how attention is shared among the residues of a token, and how many a token has."""
    words = checkpoint.vocabulary()
    if not words.joins:
        return {}
    sequences = [
        chain.sequence[start : start + (settings.window or len(chain))]
        for chain in sample.chains
        for start in window_starts(len(chain), settings.window)
    ]
    counts = [np.unique(words.token_of(one), return_counts=True)[1] for one in sequences]
    sizes = np.concatenate(counts)
    return {
        "attention": f"{checkpoint.model.attention}: {JOINED}",
        TOKENS: f"{sizes.mean():.2f} on average, at most {sizes.max()}; {len(sizes):,} tokens",
    }


def _reading_notes(checkpoint: Checkpoint, sample: Sample) -> dict[str, str]:
    """Say how the model reads sequences, and how many residues it does not know."""
    notes = checkpoint.reading() | {same_reading.CONFIGURATION: checkpoint.reading_digest()}
    if unknown := notes.get(READ_AS_UNKNOWN):
        letters = unknown.split(", ")
        count = sum(chain.sequence.count(x) for chain in sample.chains for x in letters)
        residues = sum(len(chain) for chain in sample.chains)
        notes[READ_AS_UNKNOWN] = f"{unknown}: {count:,} of {residues:,} residues"
    return notes


def package_versions() -> dict[str, str]:
    """Versions of everything that the numbers could depend on."""
    return {
        "protein-attention-atlas": __version__,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        **{package: version(package) for package in PACKAGES},
    }
