"""All heads' arcs of one protein as one table, as `precompute attention` writes them."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.attention.arcs_file import COLUMNS
from precompute.live.running.attention import SCALE, SparseAttention


def write_every_arc(
    attention: SparseAttention, protein: str, model: str, first_residues: int | None = None
) -> bytes:
    """Write every arc that was kept, as Parquet.

    Parameters
    ----------
    attention
        Of all heads; its floor stands in the file's metadata, since no weight is below it.
    protein, model
        What they are called.
    first_residues
        Of two proteins, how many the first has: the metadata say it, since the second's are
        counted behind them.
    """
    number = np.repeat(np.arange(attention.layers * attention.heads), np.diff(attention.starts))
    columns = (
        pa.array(np.full(len(number), protein, dtype=object), pa.string()),
        pa.array((number // attention.heads + 1).astype(np.int16)),
        pa.array((number % attention.heads + 1).astype(np.int16)),
        pa.array(attention.source.astype(np.int32) + 1),
        pa.array(attention.target.astype(np.int32) + 1),
        pa.array((attention.weight / SCALE).astype(np.float32)),
    )
    facts = {"model": model, "at_least": f"{attention.floor:g}"}
    if first_residues is not None:
        facts["first_residues"] = str(first_residues)
    buffer = io.BytesIO()
    table = pa.table(list(columns), schema=COLUMNS.with_metadata(facts))
    pq.write_table(table, buffer, write_page_checksum=True)
    return buffer.getvalue()
