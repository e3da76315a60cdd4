"""Arcs as one table in Parquet: one line a weight that is large enough."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from precompute.attention.reading import read_layers
from precompute.attention.sequences import Sequence as Protein
from precompute.errors import AtlasError
from precompute.tables.storage import cannot_write

if TYPE_CHECKING:
    import torch

    from precompute.models.adapter import Adapter, Encoding

COLUMNS = pa.schema(
    [
        pa.field("protein", pa.string(), nullable=False),
        pa.field("layer", pa.int16(), nullable=False),
        pa.field("head", pa.int16(), nullable=False),
        pa.field("from", pa.int32(), nullable=False),
        pa.field("to", pa.int32(), nullable=False),
        pa.field("weight", pa.float32(), nullable=False),
    ]
)
"""A residue attends (``from``) to another (``to``), both from 1; layers and heads from 1."""
LINE_BYTES: int = sum(field.type.bit_width // 8 for field in COLUMNS if field.name != "protein")


class ArcsFile:
    """Writes the arcs of proteins, part by part.

    Parameters
    ----------
    heads
        Layer and head of each, from 0, shape (chosen, 2).
    at_least
        The smallest weight that is written.
    facts
        What stands in the file's metadata.
    """

    ending = ".parquet"

    def __init__(self, heads: NDArray[np.int64], at_least: float, facts: Mapping[str, str]) -> None:
        self.heads, self.at_least = heads, at_least
        self.schema = COLUMNS.with_metadata({**facts, "at_least": f"{at_least:g}"})

    def most_bytes(self, residues: int) -> int:
        """Give the most that a protein's arcs take, before compression: rows sum to one."""
        # float32 compares as `find_arcs` does: ten weights of 0.1 may just fit.
        return len(self.heads) * residues * int(1 / self.at_least + 1e-6) * LINE_BYTES

    def write_part(self, path: Path, proteins: Sequence[Protein], adapter: Adapter) -> None:
        """Run the model on some proteins and write their arcs.

        Raises
        ------
        AtlasError
            When a protein cannot be read, or the file cannot be written.
        """
        tables = [self._table(protein, adapter) for protein in proteins]
        buffer = io.BytesIO()
        pq.write_table(pa.concat_tables(tables), buffer, write_page_checksum=True)
        try:
            path.write_bytes(buffer.getbuffer())
        except OSError as error:
            raise cannot_write(path, error) from error

    def join(self, parts: Iterable[Path], path: Path) -> None:
        """Lay parts one after another.

        Raises
        ------
        AtlasError
            When a part is damaged, or the file cannot be written.
        """
        try:
            with (
                path.open("wb") as file,
                pq.ParquetWriter(file, self.schema, write_page_checksum=True) as writer,
            ):
                for part in parts:
                    writer.write_table(_read_part(part).cast(self.schema))
        except OSError as error:
            raise cannot_write(path, error) from error

    def _table(self, protein: Protein, adapter: Adapter) -> pa.Table:
        wanted = np.zeros((adapter.layers, adapter.heads), dtype=bool)
        wanted[self.heads[:, 0], self.heads[:, 1]] = True
        found: list[tuple[NDArray[np.integer | np.float32], ...]] = []

        def receive(layer: int, probabilities: torch.Tensor, encoding: Encoding) -> None:
            if wanted[layer].any():
                found.append(_arcs(layer, probabilities, encoding, wanted[layer], self.at_least))

        read_layers(adapter, protein.letters, int(self.heads[:, 0].max()), receive)
        columns = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        names = pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(len(columns[0]), np.int32)), pa.array([protein.name])
        )
        arrays = [pa.array(column) for column in columns]
        return pa.table([names.cast(pa.string()), *arrays], schema=COLUMNS)


def _arcs(
    layer: int,
    probabilities: torch.Tensor,
    encoding: Encoding,
    wanted: NDArray[np.bool_],
    at_least: float,
) -> tuple[NDArray[np.integer | np.float32], ...]:
    """Give layer, head, source, target (from 1) and weight of a layer's arcs, in order."""
    import torch

    from precompute.tally import find_arcs

    residues = torch.from_numpy(encoding.residues)[None].to(probabilities.device)
    arcs = find_arcs(probabilities, residues, at_least)
    head = arcs.head.cpu().numpy()
    kept = wanted[head]
    head = head[kept]
    source, target = (side.cpu().numpy()[kept] for side in (arcs.source, arcs.target))
    order = np.lexsort((target, source, head))
    return (
        np.full(len(order), layer + 1, np.int16),
        (head[order] + 1).astype(np.int16),
        (source[order] + 1).astype(np.int32),
        (target[order] + 1).astype(np.int32),
        arcs.weight.cpu().numpy()[kept][order].astype(np.float32),
    )


def _read_part(part: Path) -> pa.Table:
    try:
        with part.open("rb") as file:  # Arrow opens no path that is not UTF-8
            return pq.read_table(file, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        part.unlink(missing_ok=True)
        raise AtlasError(
            f"{part} was damaged and is removed; give the same command again, which makes it anew."
        ) from error
