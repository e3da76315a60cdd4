"""``models`` and ``datasets``: what there is, where it comes from, whether it is here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from precompute.datasets import DATASETS, data_folder, usual_place
from precompute.models import MODELS, WITHOUT_ATTENTION, Model
from precompute.one_line import one_line

if TYPE_CHECKING:
    from precompute.models.weights import Weights


def list_models(options: argparse.Namespace) -> None:  # noqa: ARG001 - every command takes them
    """Print the registry of models."""
    from precompute.models.weights import cached_weights

    rows = []
    for model in (*MODELS.values(), *WITHOUT_ATTENTION.values()):
        found = cached_weights(model)
        rows.append(
            (
                model.name,
                model.label,
                f"{model.layers} × {model.heads or 'no'}",
                model.architecture,
                f"hf.co/{model.source}" if model.revision else model.source,
                _where(model, found),
            )
        )
    print_table(("model", "name", "layers × heads", "architecture", "source", "weights"), rows)


def _where(model: Model, found: Weights | None) -> str:
    if found:
        return f"here: {found.folder}"
    return f"not here: --weights DIR{', or downloaded' if model.revision else ''}"


def list_datasets(options: argparse.Namespace) -> None:
    """Print the registry of datasets."""
    from precompute.datasets.download import ORIGINALS

    rows = []
    for dataset in DATASETS.values():
        folder = Path(options.data) if options.data else data_folder()
        found = dataset.shipped or usual_place(dataset, folder)
        how = "--data PATH, or fetched" if dataset.name in ORIGINALS else "--data PATH"
        rows.append(
            (
                dataset.name,
                ", ".join(name.removeprefix("secondary_structure:") for name in dataset.properties),
                dataset.source,
                f"here: {found}" if found else "not here: " + how,
            )
        )
    print_table(("dataset", "properties", "source", "data"), rows)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text in aligned columns; names in them may be others' and steer no screen."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
