"""Records in Parquet: the field names of TAPE's records as columns.

A row holds ``primary`` (or ``sequence``, ``seq``), and what its dataset needs of
``tertiary`` (a list of x, y, z lists in Å, or one flat list), ``valid_mask`` and ``id``.
The layout of the hub's mirror of ProteinNet, ``fredzzp/contact_data``, could not be seen
when this was written; a file with other columns ends in a sentence that lists them.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from precompute.chain import Chain
from precompute.datasets.chains import Chains
from precompute.datasets.lmdb_file import LmdbChains
from precompute.errors import AtlasError

if TYPE_CHECKING:
    import pyarrow as pa

_OTHER_NAMES = {"sequence": "primary", "seq": "primary"}

MOST_UNPACKED = 4 * 1024**3
"""Bytes of a row group, which is read at once; a few kilobytes can say that they unpack to more."""
MOST_VALUES = 250_000_000
"""Of a column in a row group: a hundred thousand proteins of 800 residues' coordinates."""

_KEPT_BYTES = 512 * 1024**2
"""Row groups kept once read: proteins are drawn in any order."""


def open_records(path: Path, read_chain: Callable[[dict[str, Any], int], Chain]) -> Chains:
    """Open records that stand in an LMDB, a Parquet file or a folder of Parquet files.

    Raises
    ------
    AtlasError
        When it is neither, or damaged.
    """
    if path.suffix.lower() == ".parquet" or find_shards(path):
        return ParquetChains(path, read_chain)
    return LmdbChains(path, read_chain)


def find_shards(folder: Path) -> list[Path]:
    """List the Parquet files of a folder and of ``data`` in it, by name.

    Where some are of a training split, as their names say, only those: the paper counts on
    training data.
    """
    found = sorted([*folder.glob("*.parquet"), *folder.glob("data/*.parquet")])
    return [shard for shard in found if "train" in shard.name] or found


class ParquetChains(Chains):
    """The chains of Parquet files, one a row.

    Parameters
    ----------
    path
        A file, or a folder of files.
    read_chain
        Turns one record and its number into a chain.

    Raises
    ------
    AtlasError
        When there is no file, no row, or one is damaged.
    """

    def __init__(self, path: Path, read_chain: Callable[[dict[str, Any], int], Chain]) -> None:
        import pyarrow as pa

        self._path = path
        self._read_chain = read_chain
        self._shards = find_shards(path) if path.is_dir() else [path]
        self._files: list[Any] = []
        self._groups: list[tuple[int, int]] = []
        sizes: list[int] = []
        for number, shard in enumerate(self._shards):
            try:
                file = _open(shard)
            except (pa.ArrowException, OSError) as error:
                self.close()
                raise AtlasError(f"{shard} is no readable Parquet file; fetch it anew.") from error
            self._files.append(file)
            for group in range(file.metadata.num_row_groups):
                self._groups.append((number, group))
                rows = file.metadata.row_group(group)
                sizes.append(rows.num_rows)
                columns = [rows.column(place) for place in range(rows.num_columns)]
                unpacked = sum(column.total_uncompressed_size for column in columns)
                values = max((column.num_values for column in columns), default=0)
                if unpacked > MOST_UNPACKED or max(values, rows.num_rows) > MOST_VALUES:
                    self.close()
                    raise AtlasError(
                        f"{shard} says that {rows.num_rows:,} rows of it unpack to {unpacked:,} "
                        f"bytes with {values:,} values in a column, which is not read; write it "
                        "anew in smaller row groups."
                    )
        self._ends = list(accumulate(sizes))
        if not self._ends or not self._ends[-1]:
            self.close()
            raise AtlasError(f"{path} holds no rows of Parquet files: it is empty.")
        self._kept: OrderedDict[int, pa.Table] = OrderedDict()

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, number: int) -> Chain:
        group = bisect_right(self._ends, number)
        row = number - (self._ends[group - 1] if group else 0)
        shard = self._shards[self._groups[group][0]]
        try:
            table = self._read_group(group)
            record = {
                _OTHER_NAMES.get(name, name): table.column(name)[row].as_py()
                for name in table.column_names
            }
            _reshape(record)
            return self._read_chain(record, number)
        except AtlasError as error:
            raise AtlasError(f"{shard}, record {number}: {error}") from error

    def _read_group(self, group: int) -> pa.Table:
        import pyarrow as pa

        if group in self._kept:
            self._kept.move_to_end(group)
            return self._kept[group]
        shard, number = self._groups[group]
        try:
            table = self._files[shard].read_row_group(number)
        except (pa.ArrowException, OSError) as error:
            raise AtlasError("the file is damaged; fetch it anew.") from error
        self._kept[group] = table
        while len(self._kept) > 1 and sum(t.nbytes for t in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return table

    def sha256(self) -> str:
        """SHA-256 over the files, in the order in which they are read."""
        digest = hashlib.sha256()
        for shard in self._shards:
            with shard.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def close(self) -> None:
        """Give the files back."""
        for file in self._files:
            file.close()


def _open(shard: Path) -> Any:
    """Open a file; its texts are read as numbers of a dictionary, each text once.

    A megabyte of text may stand in each of a million rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(shard) as file:
        names = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
    return pq.ParquetFile(shard, read_dictionary=names)


def _reshape(record: dict[str, Any]) -> None:
    """Turn a flat list of coordinates into rows of three; what is null is not resolved."""
    tertiary = record.get("tertiary")
    if isinstance(tertiary, list) and any(isinstance(row, list) for row in tertiary):
        record["tertiary"] = [[None] * 3 if row is None else row for row in tertiary]
    elif isinstance(tertiary, list) and tertiary:
        flat = np.asarray(tertiary)
        record["tertiary"] = flat.reshape(-1, 3) if flat.size % 3 == 0 else flat
    if isinstance(record.get("valid_mask"), list):
        record["valid_mask"] = [bool(v) if v is None else v for v in record["valid_mask"]]
