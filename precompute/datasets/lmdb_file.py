"""Read TAPE's LMDB files, whose records are pickles, without trusting them.

A pickle can run any code when it is read: `record_pickle` reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from precompute.chain import Chain
from precompute.datasets.chains import Chains
from precompute.datasets.record_pickle import unpickle_record
from precompute.errors import AtlasError


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
        if not isinstance(length, int):
            raise AtlasError(f"{self.path} says that it holds {type(length).__name__} of records.")
        if length < 1:
            raise AtlasError(f"{self.path} says that it holds no records: it is empty.")
        there = self._environment.stat()["entries"] - 1
        if length > there:
            raise AtlasError(
                f"{self.path} has {there:,} records though it says that it holds more "
                f"({min(length, 10**15):,}): it is truncated; fetch it anew."
            )
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
