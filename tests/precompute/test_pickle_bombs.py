"""A few bytes of a pickle that ask for all memory or time: refused, or read for what they are."""

from __future__ import annotations

import pickle
import resource
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from precompute.datasets.binding_sites import read_chain
from precompute.datasets.lmdb_file import LmdbFile
from precompute.datasets.record_pickle import unpickle_record
from precompute.errors import AtlasError
from tests.chains import records_of, write_lmdb

ROOT = Path(__file__).parents[2]
MEMORY = 400 * 1024**2
SECONDS = 10


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def number(value: int) -> bytes:
    size = value.bit_length() // 8 + 1
    return b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)


def again(opening: bytes, step: bytes, times: int) -> bytes:
    """Put something into the memo, and in each step something that holds it twice."""
    return opening + b"q\0" + (step + b"q\0") * times


MULTIARRAY = "numpy._core.multiarray"
ARRAY = named(MULTIARRAY, "_reconstruct") + b"(" + named("numpy", "ndarray")
TWICE_TUPLE = again(b"(K\1K\2t", b"h\0h\0\x86", 40)
TWICE_LIST = again(b"](K\1K\2e", b"](h\0h\0e", 40)
LONG_TEXT = b"X" + struct.pack("<I", 10**6) + b"a" * 10**6 + b"q\1"
BOMBS = {
    "the memo's end": b"\x80\x02Nr\0\0\0\x10.",
    "the memo's end, in letters": b"\x80\x02Np268435456\n.",
    "bytes": b"\x80\x05\x8e" + struct.pack("<Q", 2**31) + b"a.",
    "text": b"\x80\x05\x8d" + struct.pack("<Q", 2**31) + b"a.",
    "byte array": b"\x80\x05\x96" + struct.pack("<Q", 2**31) + b"a.",
    "integer": b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b"a.",
    "frame": b"\x80\x05\x95" + struct.pack("<Q", 2**40) + b"N.",
    "array": b"\x80\x02" + ARRAY + number(2**31) + b"\x85C\1btR.",
    "array, made anew": b"\x80\x02" + named("numpy", "ndarray") + number(2**31) + b"\x85\x81.",
    "array, called": b"\x80\x02" + named("numpy", "ndarray") + number(2**31) + b"\x85R.",
    "type": named(MULTIARRAY, "scalar")
    + named("numpy", "dtype")
    + b"(X\x0b\0\0\0V2000000000I00\nI01\ntR\x85R.",
    "shape": ARRAY
    + b"K\0\x85C\1btR(K\1"
    + number(2**31)
    + b"K\0\x86"
    + named("numpy", "dtype")
    + b"(X\2\0\0\0i8I00\nI01\ntRI00\nC\0tb.",
    "lists of lists": b"\x80\x02" + TWICE_LIST + b".",
    "lists of lists as an array": b"\x80\x02}(X\x05\0\0\0sites" + TWICE_LIST + b"u.",
    "keys of keys": b"\x80\x02}" + TWICE_TUPLE + b"Ns.",
    "keys of keys, hidden": b"\x80\x02}" + again(b"(K\1K\2t", b"h\0h\0\x86Nb", 40) + b"Ns.",
    "members of members": b"\x80\x04(" + TWICE_TUPLE + b"\x91.",
    "a text again and again": b"\x80\x02" + LONG_TEXT + b"0](" + b"h\1" * 10**5 + b"e.",
    "bytes again and again": b"\x80\x02"
    + LONG_TEXT
    + b"0]("
    + (named("_codecs", "encode") + b"h\1\x85R") * 2000
    + b"e.",
    "the same place twice": b"\x80\x02" + LONG_TEXT + b"(" + b"2" * 10**5 + b"l.",
    "depth": b"\x80\x02" + b"](" * 10**5 + b"e" * 10**5 + b".",
    "itself": b"\x80\x02]q\0(h\0h\0e.",
}
CHILD = """
import resource, sys, time
from precompute.datasets.record_pickle import unpickle_record
from precompute.errors import AtlasError
data = sys.stdin.buffer.read()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {memory},) * 2)
clock = time.process_time()
try:
    unpickle_record(data, "it")
except AtlasError as error:
    print(error)
print(time.process_time() - clock)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_neither_memory_nor_time(name: str) -> None:
    assert len(BOMBS[name]) < 1_300_000
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(memory=MEMORY)],
        cwd=ROOT,
        input=BOMBS[name],
        capture_output=True,
        timeout=100,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (5 * SECONDS,) * 2),
    )
    *said, seconds = done.stdout.decode().splitlines()
    assert float(seconds) < SECONDS
    assert len(said) <= 1
    assert "MemoryError" not in "".join(said)


def test_texts_do_not_become_arrays_of_the_longest() -> None:
    """One text of a megabyte among five thousand short ones would be an array of 20 GB."""
    record: dict[str, Any] = records_of("binding_sites")[0]
    for field in ("positions", "sites"):
        texts = ["a" * 10**6, *["a"] * 5000]
        for value in (texts, [texts], [b"a" * 10**6, *[b"a"] * 5000]):
            clock = time.process_time()
            with pytest.raises(AtlasError, match=f"{field} holds texts"):
                read_chain(record | {field: value}, 0)
            assert time.process_time() - clock < 1


@pytest.mark.parametrize(
    "said",
    [2**31, 10**5000, -(10**5000), True, [1], "9" * 5000],
    ids=["many", "huge", "below", "true", "list", "text"],
)
def test_a_number_of_records_that_is_none(said: Any, tmp_path: Path) -> None:
    import lmdb

    path = write_lmdb(tmp_path / "many.lmdb", records_of("binding_sites"))
    with lmdb.open(str(path)) as environment, environment.begin(write=True) as transaction:
        transaction.put(b"num_examples", pickle.dumps(said))
    if said is True:
        assert len(LmdbFile(path)) == 1
        return
    with pytest.raises(AtlasError, match="says that it holds") as error:
        LmdbFile(path)
    assert len(str(error.value)) < 300


def test_what_reads_records_cannot_be_changed_by_one() -> None:
    """A pickle may set attributes of what it asks for: those would hold for the next record."""
    for module, name in (("_codecs", "encode"), (MULTIARRAY, "_reconstruct"), ("numpy", "dtype")):
        state = b"N}X\x0c\0\0\0__defaults__(X\x05\0\0\0rot13ts\x86b."
        with pytest.raises(AtlasError):
            unpickle_record(b"\x80\x02" + named(module, name) + state, "it")
    assert unpickle_record(pickle.dumps(b"\xff", protocol=2), "it") == b"\xff"


@pytest.mark.parametrize("protocol", range(6))
def test_every_kind_of_value_comes_back(protocol: int) -> None:
    table = np.arange(12, dtype=">f4").reshape(3, 4)
    values = [
        *(1, -1, 255, 256, 65536, -(2**31), 2**70, 1.5, True, None, "a", "é", b"\xff"),
        *([], [1, 2, 300, 70000, -5] * 300, (1, 2), (), {}, {"a": 1}, [[1, 2], [3, 4]]),
        *(table, table.T, table.astype("i8"), table > 5, np.float32(2.5), np.int64(7)),
        *(np.array(["ab", "c"]), np.array([b"ab", b"c"]), np.array([None, 1.5]), np.zeros((0, 3))),
    ]
    for value in values if protocol < 4 else [*values, {1, 2}]:
        data = pickle.dumps({"it": value}, protocol=protocol)
        back, plain = unpickle_record(data, "it")["it"], pickle.loads(data)["it"]
        assert np.array_equal(np.asarray(back), np.asarray(value)), value
        if isinstance(value, np.ndarray):
            assert (back.dtype, back.shape) == (plain.dtype, plain.shape)
        elif not isinstance(value, np.generic):
            assert type(back) is type(value)
