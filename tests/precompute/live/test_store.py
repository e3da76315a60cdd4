"""The cache over all visitors keeps to its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.errors import AtlasError
from precompute.live.running.store import BYTES_VARIABLE, DEFAULT_BYTES, Store, read_limit


@dataclass(frozen=True)
class Thing:
    nbytes: int


@given(
    limit=st.integers(0, 60),
    puts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=40),
)
def test_never_more_than_the_limit(limit: int, puts: list[tuple[int, int]]) -> None:
    store: Store[Thing] = Store(limit)
    for key, size in puts:
        kept = store.put(key, Thing(size))
        assert kept == (size <= limit)
        assert store.nbytes <= limit
        if kept:
            assert store.get(key) == Thing(size)
        else:
            assert store.get(key) is None


def test_the_longest_unused_goes_first() -> None:
    store: Store[Thing] = Store(30)
    for key in "abc":
        store.put(key, Thing(10))
    store.get("a")
    store.put("d", Thing(10))
    assert [store.get(key) is not None for key in "abcd"] == [True, False, True, True]


def test_a_value_put_again_counts_once() -> None:
    store: Store[Thing] = Store(30)
    store.put("a", Thing(10))
    store.put("a", Thing(20))
    assert (store.nbytes, len(store)) == (20, 1)


def test_the_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BYTES_VARIABLE, raising=False)
    assert read_limit() == DEFAULT_BYTES
    monkeypatch.setenv(BYTES_VARIABLE, "1000")
    assert read_limit() == 1000
    monkeypatch.setenv(BYTES_VARIABLE, "much")
    with pytest.raises(AtlasError, match="whole number"):
        read_limit()
