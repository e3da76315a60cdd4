"""Read TAPE's LMDB files, whose records are pickles, without trusting them.

A pickle can run any code when it is read. The unpickler here knows the handful of
names that old and new NumPy write for arrays, and refuses every other name.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from precompute.chain import Chain
from precompute.datasets.chains import Chains
from precompute.errors import AtlasError

_ARRAY_NAMES = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    *(
        (f"numpy.{core}.multiarray", name)
        for core in ("core", "_core")
        for name in ("_reconstruct", "scalar")
    ),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
}


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickles plain Python values and NumPy arrays, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ARRAY_NAMES:
            # NumPy 2 still answers to `numpy.core`, with a warning a call: ask for today's name.
            return super().find_class(module.replace("numpy.core.", "numpy._core."), name)
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("_codecs", "encode"):
            return _encode_latin1
        raise AtlasError(f"asks for {module}.{name}, which no protein record needs")

    def persistent_load(self, pid: Any) -> Any:  # noqa: ARG002 - the name is pickle's
        raise AtlasError("refers to an object outside the file")


def _encode_latin1(text: str, encoding: str = "latin1") -> bytes:
    """Python 2 wrote bytes as text to be encoded; only that use is allowed."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise AtlasError("asks for an unusual encoding")
    return text.encode("latin1")


def unpickle_record(data: bytes, owner: str) -> Any:
    """Read one pickled record of plain values and arrays.

    Parameters
    ----------
    data
        The pickle.
    owner
        What to call the record in a message.

    Raises
    ------
    AtlasError
        When the pickle asks for anything but arrays, or is damaged.
    """
    try:
        return _ArrayUnpickler(io.BytesIO(data)).load()
    except AtlasError as error:
        raise AtlasError(
            f"{owner} {error}: it was refused, and nothing of it was run; "
            "take the file from a source you trust."
        ) from error
    except Exception as error:  # a damaged pickle can raise anything
        raise AtlasError(
            f"{owner} is not a readable pickle ({type(error).__name__}): the file is damaged; "
            "fetch it anew."
        ) from error


class LmdbFile:
    """The records of one LMDB in TAPE's layout, opened for reading only.

    Parameters
    ----------
    path
        The ``.lmdb`` folder, or a single data file.

    Raises
    ------
    AtlasError
        When it is missing, empty, truncated or of another layout.
    """

    def __init__(self, path: Path) -> None:
        import lmdb

        self.path = path
        self.data_file = path / "data.mdb" if path.is_dir() else path
        if not self.data_file.is_file():
            raise AtlasError(
                f"There is no LMDB at {path}; name a folder that holds data.mdb, "
                "such as binding_site_train.lmdb."
            )
        size = self.data_file.stat().st_size
        if size == 0:
            raise AtlasError(f"{self.data_file} is empty; fetch it anew.")
        try:
            self._environment = lmdb.open(
                str(path), subdir=path.is_dir(), readonly=True, lock=False, readahead=False
            )
            page = self._environment.stat()["psize"]
            pages = self._environment.info()["last_pgno"] + 1
        except lmdb.Error as error:
            raise AtlasError(
                f"{self.data_file} is not an LMDB, or is truncated; fetch it anew."
            ) from error
        if page * pages > size:
            # Reading a page beyond the end of the mapped file would kill the process.
            self._environment.close()
            raise AtlasError(
                f"{self.data_file} is truncated: it should have {page * pages:,} bytes and has "
                f"{size:,}; fetch it anew."
            )
        self._length = self._read_length()

    def _read_length(self) -> int:
        data = self._get(b"num_examples")
        if data is None:
            raise AtlasError(
                f"{self.path} has no num_examples: it is empty or not in TAPE's layout."
            )
        length = unpickle_record(data, f"{self.path}: the record num_examples")
        if not isinstance(length, int) or length < 1:
            raise AtlasError(f"{self.path} says that it holds {length!r} records: it is empty.")
        return length

    def _get(self, key: bytes) -> bytes | None:
        import lmdb

        try:
            with self._environment.begin() as transaction:
                value: bytes | None = transaction.get(key)
                return value
        except lmdb.Error as error:
            raise AtlasError(f"{self.data_file} is damaged ({error}); fetch it anew.") from error

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, number: int) -> dict[str, Any]:
        """Read record `number`, counted from 0."""
        owner = f"{self.path}: record {number}"
        data = self._get(str(number).encode())
        if data is None:
            raise AtlasError(
                f"{self.path} has no record {number} though it says that it holds "
                f"{len(self)}: it is truncated; fetch it anew."
            )
        record = unpickle_record(data, owner)
        if not isinstance(record, dict):
            raise AtlasError(f"{owner} is {type(record).__name__}, not a dictionary of fields.")
        return record

    def sha256(self) -> str:
        """SHA-256 of the data file."""
        with self.data_file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """Give the file back."""
        self._environment.close()


class LmdbChains(Chains):
    """The chains of one LMDB.

    Parameters
    ----------
    path
        The ``.lmdb`` folder, or a single data file.
    read_chain
        Turns one record and its number into a chain.
    """

    def __init__(self, path: Path, read_chain: Callable[[dict[str, Any], int], Chain]) -> None:
        self._file = LmdbFile(path)
        self._read_chain = read_chain

    def __len__(self) -> int:
        return len(self._file)

    def __getitem__(self, number: int) -> Chain:
        try:
            return self._read_chain(self._file[number], number)
        except AtlasError as error:
            message = str(error)
            if str(self._file.path) in message:
                raise
            raise AtlasError(f"{self._file.path}, record {number}: {message}") from error

    def sha256(self) -> str:
        """SHA-256 of the data file."""
        return self._file.sha256()

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
