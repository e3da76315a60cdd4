"""Keep finished parts of an unfinished run, so that it can be taken up again.

A shard is a few proteins. Its tallies are written to a file of their own, with a
checksum, as soon as they are counted; the same command run again reads them back and
counts only the rest. Integers add up exactly, so the tables are the same as those of a
run that was never interrupted.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch

from precompute.tables import open_folder, write_bytes
from precompute.tally import Tally


@dataclass(frozen=True, eq=False)
class Shard:
    """The tallies of one shard, one a dataset, and how long they took."""

    tallies: tuple[Tally, ...]
    seconds: float


class ShardStore:
    """The folder in which one run's shards wait for the run to end.

    Parameters
    ----------
    folder
        Local folder; named after everything that the counts depend on, so that shards of
        other settings are never found in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, number: int, shard: Shard) -> None:
        """Write a shard, whole or not at all.

        Raises
        ------
        AtlasError
            When the folder cannot be written.
        """
        arrays = {
            f"{index}/{part.name}": getattr(tally, part.name).cpu().numpy()
            for index, tally in enumerate(shard.tallies)
            for part in fields(Tally)
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, seconds=np.float64(shard.seconds), **arrays)
        data = buffer.getvalue()
        filesystem, _ = open_folder(self.folder)
        checksum = hashlib.sha256(data).digest()
        write_bytes(filesystem, str(self._path(number)), checksum + data)

    def read(self, number: int, tallies: int) -> Shard | None:
        """Read a shard back; None when it is not there.

        Raises
        ------
        ValueError
            When its file is damaged.
        """
        try:
            content = self._path(number).read_bytes()
        except FileNotFoundError:
            return None
        checksum, data = content[:32], content[32:]
        if hashlib.sha256(data).digest() != checksum:
            raise ValueError(f"{self._path(number)} is damaged")
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                return Shard(
                    tuple(
                        Tally(
                            **{
                                part.name: torch.from_numpy(arrays[f"{index}/{part.name}"])
                                for part in fields(Tally)
                            }
                        )
                        for index in range(tallies)
                    ),
                    float(arrays["seconds"]),
                )
        except (KeyError, OSError, zipfile.BadZipFile) as error:
            raise ValueError(f"{self._path(number)} is of another version") from error

    def remove(self) -> None:
        """Remove the folder, once the tables are written."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.parent.is_dir() and not any(self.folder.parent.iterdir()):
            self.folder.parent.rmdir()

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.shard"


def split_shards(lengths: Sequence[int], weight: int) -> list[range]:
    """Split items, in order, into shards of about the same cost.

    Parameters
    ----------
    lengths
        Residues of each item.
    weight
        The most residues² of a shard; a longer item is a shard of its own.

    Returns
    -------
    list of range
        The items of each shard.
    """
    shards: list[range] = []
    start, used = 0, 0
    for item, length in enumerate(lengths):
        if used and used + length**2 > weight:
            shards.append(range(start, item))
            start, used = item, 0
        used += length**2
    if start < len(lengths):
        shards.append(range(start, len(lengths)))
    return shards
