"""Write the demo checkpoint: weights, columns, profiles, in the hub's layout."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from precompute.demo.families import NAMES, TOKENS, Family, offsets
from precompute.demo.profiles import write_profiles
from precompute.models.aligned_bert import FAMILIES_FILE
from precompute.models.checkpoint import PROFILES_FILE


def write_checkpoint(model: Any, families: Sequence[Family], folder: Path) -> None:
    """Write a trained model with everything that is needed to run it.

    Parameters
    ----------
    model
        `transformers.BertForMaskedLM`.
    families
        What it was trained on, in the order of its positions.
    folder
        Replaced whole, and only once everything is written.
    """
    staging = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    model.save_pretrained(staging)
    start = offsets(families)
    records = [
        {
            "accession": family.accession,
            "name": NAMES.get(family.accession, family.accession),
            "sequences": len(family),
            "columns": family.columns,
            "offset": start[family.accession],
        }
        for family in families
    ]
    (staging / FAMILIES_FILE).write_text(json.dumps(records, indent=1) + "\n")
    (staging / "vocab.txt").write_text("\n".join(TOKENS) + "\n")
    write_profiles(families, staging / PROFILES_FILE)
    for path in staging.iterdir():
        path.chmod(0o644)  # safetensors makes files that nobody else may read
    shutil.rmtree(folder, ignore_errors=True)
    staging.rename(folder)
