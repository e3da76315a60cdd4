"""Whole maps in one HDF5 file: a group a protein, its maps in half precision."""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from precompute.attention.reading import between_residues, read_layers
from precompute.attention.sequences import Sequence as Protein
from precompute.errors import AtlasError
from precompute.tables.storage import cannot_write

if TYPE_CHECKING:
    import torch

    from precompute.models.adapter import Adapter, Encoding

_COMPRESSED = {"compression": "lzf", "shuffle": True, "fletcher32": True}
"""With a checksum of each map, which every reader verifies."""

_ROOT = ("layer", "head")
"""What stands beside the proteins at the file's root."""


class MapsFile:
    """Writes the maps of proteins, part by part.

    A protein's group has its name, ``/`` written as ``%2F``; see `group_name`. In it
    ``attention`` has shape (heads, residues, residues), rows attend to columns, NaN where the
    model did not read a residue; ``sequence`` is an attribute. ``layer`` and ``head`` at the
    file's root say, from 1, which head each map is of.

    Parameters
    ----------
    heads
        Layer and head of each, from 0, shape (chosen, 2).
    facts
        Attributes of the file.
    """

    ending = ".h5"

    def __init__(self, heads: NDArray[np.int64], facts: Mapping[str, str]) -> None:
        self.heads, self.facts = heads, dict(facts)

    def most_bytes(self, residues: int) -> int:
        """Give what a protein's maps take, before compression."""
        return len(self.heads) * residues**2 * 2

    def write_part(self, path: Path, proteins: Sequence[Protein], adapter: Adapter) -> None:
        """Run the model on some proteins and write their maps, a layer at a time.

        Raises
        ------
        AtlasError
            When a protein cannot be read, or the file cannot be written.
        """
        import h5py

        try:
            with _written(path) as own, h5py.File(own, "w", track_order=True) as file:
                for protein in proteins:
                    _require_room(path, self.most_bytes(len(protein.letters)))
                    self._write_protein(file, protein, adapter)
        except OSError as error:
            raise _cannot_write(path, error) from error

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """Copy parts into one file.

        Raises
        ------
        AtlasError
            When a part is damaged, or the file cannot be written.
        """
        import h5py

        try:
            _require_room(path, sum(part.stat().st_size for part in parts))
            with _written(path) as output, h5py.File(output, "w", track_order=True) as file:
                file.attrs.update(self.facts)
                for column, name in enumerate(_ROOT):
                    file[name] = (self.heads[:, column] + 1).astype(np.int16)
                for part in parts:
                    with _opened(part) as own:
                        for name in own:
                            own.copy(name, file)
        except OSError as error:
            raise _cannot_write(path, error) from error

    def _write_protein(self, file: Any, protein: Protein, adapter: Adapter) -> None:
        residues = len(protein.letters)
        group = file.create_group(group_name(protein.name))
        group.attrs["sequence"] = protein.letters
        maps = group.create_dataset(
            "attention",
            shape=(len(self.heads), residues, residues),
            dtype=np.float16,
            chunks=(1, residues, residues),
            **_COMPRESSED,
        )

        def receive(layer: int, probabilities: torch.Tensor, encoding: Encoding) -> None:
            own = np.flatnonzero(self.heads[:, 0] == layer)
            if len(own):
                values = between_residues(probabilities, encoding, self.heads[own, 1], residues)
                maps[own[0] : own[-1] + 1] = values.astype(np.float16)

        read_layers(adapter, protein.letters, int(self.heads[:, 0].max()), receive)


class _Output:
    """A file for HDF5 that keeps what the system refuses to write, and goes on.

    HDF5 holds back what it has to write, and where that fails while its objects are closed it
    ends the process.
    """

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.refused: OSError | None = None
        self.seek, self.tell, self.read = file.seek, file.tell, file.read
        self.readinto = file.readinto

    def write(self, data: bytes) -> int:
        place, rest = self._file.tell(), memoryview(data).cast("B")
        size = len(rest)
        try:
            while self.refused is None and len(rest):
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.refused = error
        self._file.seek(place + size)
        return size

    def truncate(self, size: int) -> int:
        try:
            self._file.truncate(size)
        except OSError as error:
            self.refused = self.refused or error
        return size

    def flush(self) -> None:
        """Nothing is held back here."""


@contextmanager
def _written(path: Path) -> Iterator[_Output]:
    """Open a file for HDF5; at the end raise what the system refused."""
    with path.open("w+b", buffering=0) as file:
        output = _Output(file)
        try:
            yield output
        except Exception:
            if output.refused is None:
                raise
        if output.refused is not None:
            raise output.refused


def group_name(name: str) -> str:
    """Write a protein's name as a group's: HDF5 parts names at ``/``, and ``.`` is the group.

    What else stands at the root keeps its name; ``urllib.parse.unquote`` gives a protein's back.
    """
    name = name.replace("%", "%25").replace("/", "%2F")
    if name in _ROOT:
        return f"%{ord(name[0]):02X}{name[1:]}"
    return name.replace(".", "%2E") if not name.strip(".") else name


def _opened(part: Path) -> Any:
    import h5py

    try:
        return h5py.File(part, "r")
    except OSError as error:
        part.unlink(missing_ok=True)
        raise AtlasError(
            f"{part} was damaged and is removed; give the same command again, which makes it anew."
        ) from error


def _require_room(path: Path, size: int) -> None:
    # HDF5 ends badly on a full disk: what it holds back it writes when its objects go.
    if shutil.disk_usage(path.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _cannot_write(path: Path, error: OSError) -> AtlasError:
    # HDF5 says the system's error number in words.
    if f"errno = {errno.ENOSPC}" in str(error):
        error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return cannot_write(path, error)
