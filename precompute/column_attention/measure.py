"""One alignment's column attention, measured in the pass that counts its row attention."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.column_attention.choice import ColumnChoice
from precompute.column_attention.distance import (
    STATISTICS,
    Distances,
    with_special,
)
from precompute.column_attention.hamming import hamming_distances, why_undefined
from precompute.column_attention.nulls import generator, shuffle
from precompute.column_attention.regression import Regression, pairs_of, regress
from precompute.tables.column_tables import DEFINITIONS

if TYPE_CHECKING:
    from precompute.alignment import Alignment
    from precompute.models.adapter import LayerReceiver
    from precompute.models.msa_transformer import AlignmentEncoding, MsaAdapter


@dataclass(frozen=True, eq=False)
class Family:
    """What was measured of one alignment.

    Attributes
    ----------
    dataset, place
        Which data set of the command, and the alignment's place in its sample, from 0.
    correlations
        With distance, shape (controls, definitions, statistics, layers, heads), the alignment
        as it is before the nulls; NaN where it is not defined.
    regressions
        Without the diagonal, and as published; none where none was asked for.
    attention, selectivity
        As `precompute.column_attention.kept.ColumnMatrices` has them, where they are kept.
    """

    dataset: int
    place: int
    correlations: NDArray[np.float64]
    regressions: tuple[Regression, ...] = ()
    attention: NDArray[np.float16] | None = None
    selectivity: NDArray[np.float16] | None = None


@dataclass(frozen=True, eq=False)
class Families:
    """What to measure, and what was found so far."""

    choice: ColumnChoice
    found: list[Family] = field(default_factory=list)


def measure_columns(
    adapter: MsaAdapter,
    encoding: AlignmentEncoding,
    alignment: Alignment,
    choice: ColumnChoice,
    receive: LayerReceiver,
    *,
    keep: bool,
) -> Family:
    """Read an alignment, and its shuffled twins if they are wanted.

    Parameters
    ----------
    adapter, encoding
        The model, and the alignment as it reads it.
    alignment
        The same alignment.
    choice
        What to measure.
    receive
        Given the row attention of the alignment as it is, layer by layer.
    keep
        Whether to keep its matrices.

    Returns
    -------
    Family
        Of no data set yet.
    """
    distances = hamming_distances(alignment.rows)
    defined = not why_undefined(distances)
    rows, columns = alignment.rows.shape
    device = adapter.network.embed_tokens.weight.device
    if device.type == "mps":  # it has no float64
        device = torch.device("cpu")
    beside = Distances(distances, columns, device)
    controls = (alignment, *(shuffle(alignment, null, choice.seed) for null in choice.nulls))
    shape = (len(controls), len(DEFINITIONS), len(STATISTICS), adapter.layers, adapter.heads)
    correlations = np.full(shape, np.nan)
    of_pairs = _Pairs(rows, columns) if choice.regression else None
    heads = (adapter.layers, adapter.heads) if keep else (0, 0)
    attention = np.zeros((*heads, rows, rows), dtype=np.float16)
    selective = np.zeros((*heads, columns), dtype=np.float16)

    def correlate(control: int, layer: int, mean: torch.Tensor, special: torch.Tensor) -> None:
        if defined:
            found = beside.correlate(mean.to(device), special.to(device))
            correlations[control, :, :, layer] = found.cpu().numpy()

    def receive_columns(layer: int, mean: torch.Tensor, special: torch.Tensor) -> None:
        correlate(0, layer, mean, special)
        if of_pairs is not None:
            of_pairs.add(mean, special)
        if keep:
            attention[layer] = mean.half().cpu().numpy()

    def receive_selectivity(layer: int, found: torch.Tensor) -> None:
        selective[layer] = found.half().cpu().numpy()

    adapter.attend([encoding], receive, receive_columns, receive_selectivity if keep else None)
    for control, other in enumerate(controls[1:], 1):
        if defined:
            adapter.attend(
                [adapter.encode_alignment(other)],
                None,
                partial(correlate, control),
            )
    regressions = () if of_pairs is None else of_pairs.regress(distances, alignment, choice.seed)
    kept = (attention, selective) if keep else (None, None)
    return Family(-1, -1, correlations, regressions, *kept)


class _Pairs:
    """Column attention of all heads for each pair of rows, without the diagonal and with it."""

    def __init__(self, rows: int, columns: int) -> None:
        self._columns = columns
        self._corrected = pairs_of(rows, diagonal=False)
        self._published = pairs_of(rows, diagonal=True)
        self._found: tuple[list[NDArray[np.floating]], ...] = ([], [])

    def add(self, mean: torch.Tensor, special: torch.Tensor) -> None:
        """Add a layer."""
        other = with_special(mean, special, self._columns)
        for found, values, pairs in zip(
            self._found, (mean, other), (self._corrected, self._published), strict=True
        ):
            both = (values + values.transpose(1, 2)).float().cpu().numpy()
            found.append(both[:, *pairs])

    def regress(
        self, distances: NDArray[np.float64], alignment: Alignment, seed: int
    ) -> tuple[Regression, ...]:
        """Fit both."""
        return tuple(
            regress(
                np.concatenate(found),
                distances,
                generator(seed, "regression", alignment),  # the same rows for both
                diagonal=diagonal,
            )
            for found, diagonal in zip(self._found, (False, True), strict=True)
        )
