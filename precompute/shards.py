"""Keep finished parts of an unfinished run, so that it can be taken up again.

A shard is a few proteins. Its tallies are written to a file of their own, with a
checksum, its number and whose run's it is, as soon as they are counted; the same command
run again reads them back and counts only the rest. Integers add up exactly, so the tables
are the same as those of a run that was never interrupted; a file that was copied over
another is not counted twice.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.column_attention.measure import Family
from precompute.column_attention.packing import family_arrays, family_of
from precompute.json_text import parse_json
from precompute.tables import open_folder, write_bytes
from precompute.tally import Tally

S = TypeVar("S")

EQUAL_COST_RESIDUES = 600
"""Length at which attention costs as much as all else; see `shard_cost`."""


@dataclass(frozen=True, eq=False)
class Shard:
    """The tallies of one shard and how long they took.

    Attributes
    ----------
    tallies
        A `Tally` for each dataset; of pairs, one `PairTally`.
    seconds
        What counting them took, where they were counted.
    families
        What was measured of each alignment's column attention.
    packed
        The shard as `pack_shard` writes it, where it came so.
    """

    tallies: tuple[Any, ...]
    seconds: float
    families: tuple[Family, ...] = ()
    packed: bytes | None = None


class ShardStore:
    """The folder in which one run's shards wait for the run to end.

    Parameters
    ----------
    folder
        Local folder; named after everything that the counts depend on.
    identity
        The run's model, data sets and a digest of everything that the counts depend on; it
        stands in each file, so that a shard of other settings is never counted.
    """

    def __init__(self, folder: Path, identity: Mapping[str, str]) -> None:
        self.folder = folder
        self._identity = dict(identity)

    def write(self, number: int, packed: bytes) -> None:
        """Write a shard as `Work.pack` gives it, whole or not at all.

        Raises
        ------
        AtlasError
            When the folder cannot be written.
        """
        filesystem, _ = open_folder(self.folder)
        content = self._head(number) + packed
        write_bytes(filesystem, str(self._path(number)), _with_checksum(content))

    def read(self, number: int, unpack: Callable[[bytes], S]) -> S | None:
        """Read a shard back; None when it is not there.

        Raises
        ------
        ValueError
            When its file is damaged, or is another shard's.
        """
        try:
            content = self._path(number).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ValueError(f"{self._path(number)} is not readable") from error
        try:
            head, packed = _without_checksum(content).split(b"\n", 1)
            if head + b"\n" != self._head(number):
                raise ValueError(_whose(head))
            return unpack(packed)
        except ValueError as error:
            raise ValueError(f"{self._path(number)} is {error}") from error

    def remove(self) -> None:
        """Remove the folder, once the tables are written."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.parent.is_dir() and not any(self.folder.parent.iterdir()):
            self.folder.parent.rmdir()

    def _head(self, number: int) -> bytes:
        return json.dumps(self._identity | {"shard": number}, sort_keys=True).encode() + b"\n"

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.shard"


def pack_shard(shard: Shard) -> bytes:
    """Write a shard as bytes: a checksum, then its counts as a compressed .npz file.

    Parameters
    ----------
    shard
        Tallies on the CPU.
    """
    if shard.packed is not None:
        return shard.packed
    return pack_arrays(_arrays(shard))


def pack_arrays(arrays: Iterable[tuple[str, NDArray[Any]]], *, compress: bool = True) -> bytes:
    """Write named arrays as bytes: a checksum, then an .npz file.

    Parameters
    ----------
    arrays
        By name.
    compress
        Counts become a small part; numbers with a point would hardly shrink, and it takes long.
    """
    buffer = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    # Counts of a shard are small and most are 0: in the narrowest integers, at zlib's
    # fastest level, packing takes a small part of the time that counting them took.
    with zipfile.ZipFile(buffer, "w", how, compresslevel=1) as archive:
        for name, array in arrays:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
    return _with_checksum(buffer.getvalue())


def unpack_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Read named arrays from what `pack_arrays` wrote.

    Raises
    ------
    ValueError
        Saying that they are damaged.
    """
    try:
        with np.load(io.BytesIO(_without_checksum(content)), allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError("of another version") from error


def _with_checksum(data: bytes) -> bytes:
    return hashlib.sha256(data).digest() + data


def _without_checksum(content: bytes) -> bytes:
    checksum, data = content[:32], content[32:]
    if hashlib.sha256(data).digest() != checksum:
        raise ValueError("damaged")
    return data


def _whose(head: bytes) -> str:
    """Say whose shard a file is, by the line it begins with."""
    try:
        found = parse_json(head)
        return (
            f"shard {int(found['shard']) + 1} of {found['model']} over {found['data sets']} "
            f"with the settings {found['settings'][:8]}"
        )
    except (ValueError, KeyError, TypeError):
        return "of another version"


def _arrays(shard: Shard) -> Iterator[tuple[str, NDArray[Any]]]:
    yield "seconds", np.array(shard.seconds)
    for index, tally in enumerate(shard.tallies):
        for part in fields(tally):
            counts = getattr(tally, part.name).cpu().numpy()
            narrowest = np.min_scalar_type(counts.max(initial=0))  # counts are never negative
            yield f"{index}/{part.name}", counts.astype(narrowest)
    yield "families", np.array(len(shard.families))
    for index, family in enumerate(shard.families):
        for name, array in family_arrays(family).items():
            yield f"family{index}/{name}", array


def unpack_shard(content: bytes, tallies: int, kind: type[Any] = Tally) -> Shard:
    """Read a shard from what `pack_shard` wrote.

    Parameters
    ----------
    content
        The bytes.
    tallies
        How many tallies there should be.
    kind
        What they are.

    Raises
    ------
    ValueError
        Saying that they are damaged or of another version.
    """
    arrays = unpack_arrays(content)
    try:
        return Shard(
            tuple(
                kind(
                    **{
                        part.name: torch.from_numpy(arrays[f"{index}/{part.name}"].astype(np.int64))
                        for part in fields(kind)
                    }
                )
                for index in range(tallies)
            ),
            float(arrays["seconds"]),
            tuple(family_of(arrays, f"family{index}/") for index in range(int(arrays["families"]))),
            content,
        )
    except KeyError as error:
        raise ValueError("of another version") from error


def shard_cost(residues: int) -> int:
    """Give what a chain costs, in residues²: its square, and a part in proportion to it.

    Attention grows with the square of the length, the rest of a model in proportion; the
    two are equal at 600 residues. That is what one thread needed for the forward pass of
    TapeBert's, ProtBert's, ProtAlbert's and ProtXLNet's shapes at 64, 203 and 510
    residues (`benchmarks/cost.py` fits it anew). The square alone would make shards of
    short chains several times as long as those of long ones.

    Parameters
    ----------
    residues
        Length of the chain.
    """
    return residues * (residues + EQUAL_COST_RESIDUES)


def split_shards(
    lengths: Sequence[int], weight: int, rows: Sequence[int] | None = None
) -> list[list[int]]:
    """Split items into shards of about the same cost, long chains first.

    Long chains first, so that no worker is left alone with them at the end.

    Parameters
    ----------
    lengths
        Residues of each item.
    weight
        The highest cost of a shard, as `shard_cost` counts it; a costlier item is a
        shard of its own.
    rows
        Of each item's alignment, each of which costs as much as a sequence; 1 where it is
        None.

    Returns
    -------
    list of list of int
        The items of each shard: every item once; items of one length in their order.
    """
    shards: list[list[int]] = []
    used = 0
    costs = [shard_cost(length) for length in lengths]
    if rows is not None:
        costs = [cost * own for cost, own in zip(costs, rows, strict=True)]
    for item in sorted(range(len(costs)), key=lambda item: -costs[item]):
        cost = costs[item]
        if not shards or used + cost > weight:
            shards.append([])
            used = 0
        shards[-1].append(item)
        used += cost
    return shards
