"""Read pickled records of plain values and arrays from strangers' files.

A pickle can run any code when it is read, and a few bytes of one can take all memory or time:
an array that says it has a billion elements, a place in the memo at the end of four billion, a
list that holds another a thousand times which holds a third a thousand times. So nothing but
arrays is made, an array has the bytes that it says it has, and what is made counts.

Python's own unpickler in Python, not in C: it keeps its memo in a dictionary, and lets a class
see what is fetched from it. A record takes a fraction of a millisecond, its protein's forward
pass many.
"""

from __future__ import annotations

import io
import math
import pickle
import re
import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from precompute.errors import AtlasError

MOST_VALUES = 5_000_000
"""Values of a record, each counted as often as it stands there; the largest have some 200,000."""

_HOLDING = (list, tuple, set, frozenset)
_ALONE = frozenset([int, float, bool, str, bytes, type(None)])
_SIZED = (*_HOLDING, dict, str, bytes, bytearray)
_NUMBER = re.compile(rb"K.|M..|J....", re.DOTALL)
_NUMBERS = re.compile(rb"(?:K.|M..|J....)+", re.DOTALL)
_KINDS = re.compile(r"[<>|=]?[?bBhHiIlLqQfdeSUOV]\d{0,4}")


class _Kind:
    """What a dtype becomes until its state is known: a plain one of at most 9,999 bytes."""

    def __init__(self, code: object, *_: object) -> None:
        if isinstance(code, bytes):
            code = code.decode("latin1")
        if not isinstance(code, str) or not _KINDS.fullmatch(code):
            raise AtlasError("has an array of an unusual type")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order, *structure = state[1:5]
        if isinstance(order, bytes):
            order = order.decode("latin1")
        if order not in ("<", ">", "|", "=") or any(part is not None for part in structure):
            raise AtlasError("has an array of an unusual type")
        self.dtype = self.dtype.newbyteorder(order)


class _Array(np.ndarray[Any, Any]):
    """An array that has the bytes which it says it has."""

    def __new__(cls, *_: object) -> _Array:
        return np.zeros(0).view(cls)

    def __setstate__(self, state: tuple[Any, ...], /) -> None:
        _, shape, kind, fortran, content = state
        if isinstance(content, str):  # as Python 2 wrote it
            content = content.encode("latin1")
        super().__setstate__((1, *_check(kind, shape, content), fortran, content))


def _check(kind: Any, shape: Any, content: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Check that contents are as many as an array's type and shape say."""
    if not isinstance(kind, _Kind):
        raise AtlasError("has an array of an unusual type")
    lengths = [shape] if isinstance(shape, int) else list(shape)
    plain = all(type(length) is int and length >= 0 for length in lengths)
    if not plain or (0 in lengths and lengths[0] != 0):  # a billion rows of nothing are many
        raise AtlasError("has an array of an unusual shape")
    size = 1 if kind.dtype.hasobject else kind.dtype.itemsize
    held = list if kind.dtype.hasobject else (bytes, bytearray)
    if not isinstance(content, held) or len(content) != math.prod(lengths) * size:
        raise AtlasError("has an array whose contents are not as many as it says")
    return tuple(lengths), kind.dtype


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _from_buffer(content: Any, kind: Any, shape: Any, order: str = "C") -> np.ndarray[Any, Any]:
    lengths, dtype = _check(kind, shape, content)
    return np.frombuffer(content, dtype).reshape(lengths, order="F" if order == "F" else "C")


def _scalar(kind: Any, content: Any) -> Any:
    if isinstance(content, str):
        content = content.encode("latin1")
    return np.frombuffer(content, _check(kind, (), content)[1])[0]


def _encode_latin1(text: str, encoding: str = "latin1") -> bytes:
    """Python 2 wrote bytes as text to be encoded; only that use is allowed."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise AtlasError("asks for an unusual encoding")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """Of an empty array, as Python 3 writes it for Python 2."""
    return b""


_NAMES: Mapping[tuple[str, str], Any] = {
    ("numpy", "dtype"): _Kind,
    ("numpy", "ndarray"): _Array,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _encode_latin1,
    ("__builtin__", "bytes"): _no_bytes,
    **{
        (f"numpy.{core}.{module}", name): made
        for core in ("core", "_core")
        for module, name, made in (
            ("multiarray", "_reconstruct", _reconstruct),
            ("multiarray", "scalar", _scalar),
            ("numeric", "_frombuffer", _from_buffer),
        )
    },
}
"""The handful of names that old and new NumPy write for arrays, and what answers to them."""


class _RecordUnpickler(pickle._Unpickler):
    """Unpickles plain Python values and NumPy arrays, nothing else."""

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    # Of the class above, which typeshed does not describe.
    read: Callable[[int], bytes]
    readline: Callable[[], bytes]
    append: Callable[[Any], None]
    stack: list[Any]
    memo: dict[int, Any]
    _unframer: Any
    _fetched = 0

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._file = io.BytesIO(data)
        super().__init__(self._file)

    def load_mark(self) -> None:
        """Begin a list; the whole numbers that it begins with are read at once, being many."""
        super().load_mark()  # type: ignore[misc]
        if self._unframer.current_frame is None:
            numbers = _NUMBERS.match(self._data, self._file.tell())
            if numbers:
                self._file.seek(numbers.end())
                self.stack += [
                    part[1]
                    if len(part) == 2
                    else int.from_bytes(part[1:], "little", signed=len(part) == 5)
                    for part in _NUMBER.findall(numbers[0])
                ]

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _NAMES:
            raise AtlasError(f"asks for {module}.{name}, which no protein record needs")
        return _NAMES[module, name]

    def persistent_load(self, pid: Any) -> Any:  # noqa: ARG002 - the name is pickle's
        raise AtlasError("refers to an object outside the file")

    def load_build(self) -> None:
        """Give an array or a type its state; anything else could be changed by that for good."""
        state = self.stack.pop()
        if type(self.stack[-1]) not in (_Array, _Kind):
            raise AtlasError("changes an object that is no array")
        self.stack[-1].__setstate__(state)

    def load_bytearray8(self) -> None:
        """Read no more bytes than there are, whatever the pickle says."""
        (size,) = struct.unpack("<Q", self.read(8))
        self.append(bytearray(self.read(size)))

    def fetch(self, value: Any) -> None:
        """Put something from the memo on the stack again, within a record's bounds."""
        if isinstance(value, tuple) and any(isinstance(part, tuple) for part in value):
            # Hashing one in the other in the other takes twice the time at each step.
            raise AtlasError("repeats a tuple of tuples")
        self._fetched += len(value) if isinstance(value, _SIZED) else 1
        if self._fetched > MOST_VALUES:
            raise AtlasError("repeats more than a record holds")
        self.append(value)

    def load_get(self) -> None:
        """Fetch by a number in letters."""
        self.fetch(self.memo[int(self.readline()[:-1])])

    def load_binget(self) -> None:
        """Fetch by a number of one byte."""
        self.fetch(self.memo[self.read(1)[0]])

    def load_long_binget(self) -> None:
        """Fetch by a number of four bytes."""
        self.fetch(self.memo[struct.unpack("<I", self.read(4))[0]])

    def load_dup(self) -> None:
        """Fetch what is on the stack."""
        self.fetch(self.stack[-1])


for _code, _load in {
    pickle.MARK: _RecordUnpickler.load_mark,
    pickle.BUILD: _RecordUnpickler.load_build,
    pickle.BYTEARRAY8: _RecordUnpickler.load_bytearray8,
    pickle.GET: _RecordUnpickler.load_get,
    pickle.BINGET: _RecordUnpickler.load_binget,
    pickle.LONG_BINGET: _RecordUnpickler.load_long_binget,
    pickle.DUP: _RecordUnpickler.load_dup,
}.items():
    _RecordUnpickler.dispatch[_code[0]] = _load
for _code in (pickle.INST, pickle.OBJ, pickle.EXT1, pickle.EXT2, pickle.EXT4):
    del _RecordUnpickler.dispatch[_code[0]]  # instances of classes: no record has one


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
        When the pickle asks for anything but arrays, says that it holds more than it does, or
        is damaged.
    """
    try:
        record = _RecordUnpickler(data).load()
        _count(record)
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
    return record


def _count(record: Any) -> None:
    """Refuse what is small as a graph and endless as a tree."""
    waiting, count = [record], 0
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            value = [*value, *value.values()]
        elif isinstance(value, np.ndarray):
            value = value.ravel().tolist() if value.dtype.hasobject else []
        if isinstance(value, _HOLDING):
            count += len(value)
            waiting += [part for part in value if type(part) not in _ALONE]
        count += 1
        if count > MOST_VALUES:
            raise AtlasError(f"holds more than {MOST_VALUES:,} values")
