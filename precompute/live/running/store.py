"""What was computed for anybody, kept for everybody, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

from precompute.environment import read_number

BYTES_VARIABLE = "ATLAS_LIVE_BYTES"
"""Environment variable: how much attention the server keeps over all visitors."""
DEFAULT_BYTES = 400_000_000


class Sized(Protocol):
    """Anything that knows its size."""

    @property
    def nbytes(self) -> int:
        """Bytes."""


Value = TypeVar("Value", bound=Sized)


class Store(Generic[Value]):
    """A cache with a limit in bytes; what was not asked for longest goes first.

    Several threads may use it at once.

    Parameters
    ----------
    limit
        Bytes of all values together.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        with self._lock:
            return sum(value.nbytes for value in self._values.values())

    def __len__(self) -> int:
        with self._lock:
            return len(self._values)

    def get(self, key: Hashable) -> Value | None:
        """Give a value, which is then the last to go; None when it is not here."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: Value) -> bool:
        """Keep a value and drop what no longer fits.

        Returns
        -------
        bool
            Whether it was kept: a value larger than the limit is not.
        """
        with self._lock:
            self._values.pop(key, None)
            if value.nbytes > self.limit:
                return False
            self._values[key] = value
            total = sum(one.nbytes for one in self._values.values())
            while total > self.limit:
                _, dropped = self._values.popitem(last=False)
                total -= dropped.nbytes
            return True


def read_limit() -> int:
    """Read the limit in bytes from `BYTES_VARIABLE`.

    Raises
    ------
    AtlasError
        When it is no such number.
    """
    return read_number(BYTES_VARIABLE, DEFAULT_BYTES, least=0, most=10**15 - 1)
