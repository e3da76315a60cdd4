"""What strangers wrote is read apart: the same results, and bounds in time, memory and number."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from precompute.errors import AtlasError
from precompute.examples import load_example
from precompute.live.getting.bounds import Reading, UnreadError
from precompute.live.getting.files import read_upload
from precompute.live.getting.reading import FullError, Reader, Readers, readers
from precompute.live.getting.sequences import Records, read_records
from precompute.live.settings import MEGABYTES_VARIABLE, RESIDUES_VARIABLE

GIGABYTE = 1024**3
Found = TypeVar("Found")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.end()


def reading(
    read: Callable[[], Found], seconds: float = 30.0, memory: int = GIGABYTE
) -> Reading[Found]:
    return Reading("mine.pdb", read, seconds, memory, {})


def in_it(expression: str) -> Callable[[], object]:
    """An expression that is evaluated where files are read."""
    return partial(eval, expression, {})


def test_a_structure_is_the_same_as_read_here() -> None:
    content = load_example("1GN0").structure_text.encode()
    expected, found = (
        read_upload(content, "x.pdb"),
        readers.read("x", read_upload, content, "x.pdb"),
    )
    assert not isinstance(expected, Records)
    assert not isinstance(found, Records)
    for name in ("sequence", "numbers", "chains", "residue_keys", "structure", "notes", "view"):
        assert getattr(found, name) == getattr(expected, name)
    assert expected.chain is not None
    assert found.chain is not None
    for name in ("alpha_carbons", "secondary_structure", "binding_site", "modification"):
        np.testing.assert_array_equal(getattr(found.chain, name), getattr(expected.chain, name))


def test_sequences_are_the_same_as_read_here() -> None:
    text = ">one a title\nMKVLLA\n>two\nMKV-J\n"
    assert readers.read("The text", read_records, text) == read_records(text)


def test_what_is_refused_is_refused_in_the_same_words() -> None:
    with pytest.raises(AtlasError) as here:
        read_upload(b"\x89PNG", "x.png")
    with pytest.raises(AtlasError) as apart:
        readers.read("x.png", read_upload, b"\x89PNG", "x.png")
    assert str(apart.value) == str(here.value)


@pytest.mark.parametrize(
    ("expression", "seconds", "sentence"),
    [
        ("__import__('time').sleep(60)", 0.3, r"mine\.pdb takes more than 0 s to read"),
        ("sum(iter(lambda: 0, 1))", 1.4, r"mine\.pdb takes more than 1 s to read"),
        ("bytearray(4 * 1024**3)", 30, r"mine\.pdb takes more than 1\.0 GB of memory to read"),
        ("__import__('os').abort()", 30, r"mine\.pdb takes more than 1\.0 GB of memory to read"),
        ("bytearray(65 * 1024**2)", 30, r"mine\.pdb holds more than can be shown"),
        ("__import__('os')._exit(3)", 30, r"mine\.pdb could not be read: reading it broke off"),
        ("int('MKV of a visitor')", 30, r"mine\.pdb could not be read \(ValueError\)"),
        ("(lambda f: f(f))(lambda f: f(f))", 30, r"could not be read \(RecursionError\)"),
        ("(lambda: 0)", 30, r"mine\.pdb could not be read"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_the_reader_stays(
    reader: Reader, expression: str, seconds: float, sentence: str
) -> None:
    reader.start()
    process = reader.process_id
    with pytest.raises(AtlasError, match=sentence) as refused:
        reader.read(reading(in_it(expression), seconds))
    assert "visitor" not in str(refused.value)
    assert reader.read(reading(in_it("1 + 1"))) == 2
    assert reader.process_id == process


def test_only_what_was_not_read_to_its_end_may_be_sound(reader: Reader) -> None:
    with pytest.raises(UnreadError):
        reader.read(reading(in_it("bytearray(4 * 1024**3)")))
    with pytest.raises(AtlasError) as damaged:
        reader.read(reading(in_it("int('x')")))
    assert not isinstance(damaged.value, UnreadError)


def test_nothing_of_one_file_is_there_for_the_next(reader: Reader) -> None:
    reader.read(reading(in_it("__import__('sys').modules.update(mine=1)")))
    reader.read(reading(in_it("__import__('os').environ.update(ATLAS_MINE='1')")))
    assert reader.read(reading(in_it("'mine' in __import__('sys').modules"))) is False
    assert reader.read(reading(in_it("'ATLAS_MINE' in __import__('os').environ"))) is False


def test_it_loads_no_model_and_no_page_and_is_ended_first(reader: Reader) -> None:
    heavy = "{'torch', 'transformers', 'streamlit', 'pandas', 'pyarrow', 'matplotlib'}"
    assert reader.read(reading(in_it(f"{heavy} & set(__import__('sys').modules)"))) == set()
    first = Path(f"/proc/{reader.process_id}/oom_score_adj")
    assert first.read_text().strip() == "1000"
    own = partial(Path.read_text, Path("/proc/self/oom_score_adj"))
    assert reader.read(reading(own)).strip() == "1000"


def test_settings_are_those_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    for residues in ("77", "88"):
        monkeypatch.setenv(RESIDUES_VARIABLE, residues)
        assert readers.read("x", os.getenv, RESIDUES_VARIABLE) == residues
    monkeypatch.delenv(RESIDUES_VARIABLE)
    assert readers.read("x", os.getenv, RESIDUES_VARIABLE) is None


def test_bounds_grow_with_the_largest_file(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = partial(eval, "__import__('resource').getrlimit(__import__('resource').RLIMIT_AS)[0]")
    small = readers.read("x", limit, {})
    monkeypatch.setenv(MEGABYTES_VARIABLE, "1000")
    assert readers.read("x", limit, {}) == 10 * small


def test_a_reader_that_was_ended_is_a_sentence_and_is_replaced() -> None:
    reader = Reader()
    reader.start()
    first = reader.process_id
    assert first is not None
    threading.Timer(0.5, os.kill, (first, signal.SIGKILL)).start()
    with pytest.raises(AtlasError, match="ended by itself"):
        reader.read(reading(in_it("__import__('time').sleep(60)")))
    assert reader.read(reading(in_it("1 + 1"))) == 2
    assert reader.process_id != first
    reader.end()


def test_readers_are_bounded_and_who_waits_is_told(tmp_path: Path) -> None:
    few = Readers(count=1, waiting=1, seconds=60)
    gate = f"any(iter(lambda: __import__('os').path.exists({str(tmp_path / 'go')!r}), True))"
    said: list[object] = []

    def ask(number: int) -> None:
        try:
            said.append(few.read("x", eval, f"[{number}, {gate}][0]", {}))
        except FullError as error:
            said.append(str(error))

    visitors = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for visitor in visitors:
        visitor.start()
    end = time.monotonic() + 30
    while not said and time.monotonic() < end:
        time.sleep(0.02)
    assert len(said) == 1
    assert "no room for more" in str(said[0])
    (tmp_path / "go").touch()
    for visitor in visitors:
        visitor.join(60)
    assert len(said) == 3
    assert sum(isinstance(one, int) for one in said) == 2
    few.end()


def test_who_waits_too_long_is_told() -> None:
    few = Readers(count=1, waiting=1, seconds=0.2)
    busy = threading.Thread(target=few.read, args=("x", time.sleep, 3))
    busy.start()
    end = time.monotonic() + 30
    while few._free.qsize() and time.monotonic() < end:
        time.sleep(0.01)
    with pytest.raises(FullError, match="try again in a minute"):
        few.read("x", time.sleep, 0)
    busy.join()
    few.end()
