"""Keep what was worked out, once for all visitors, told apart by all that it was worked out of.

Nothing of one visitor reaches another: a result is given only where every argument is equal, so
that it shows nothing but what was asked for. What a visitor brought, an upload or a pasted
sequence, is no argument here; `precompute.live.remember` keeps that with its owner.

It is no cache of Streamlit: one of those takes 0.3 to 1 ms to find what it has, and is emptied,
for everybody, by a message that any visitor can send.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import is_dataclass
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from dashboard.results.hidden_paths import hide_paths
from precompute.errors import AtlasError

Given = ParamSpec("Given")
Found = TypeVar("Found")


class _Refusal(NamedTuple):
    """A sentence in place of an exception, so that it is kept too."""

    sentence: str


_Known = OrderedDict[Hashable, "Future[Any]"]
_every: list[_Known] = []
_COUNTER = itertools.count()
_numbers: dict[int, tuple[weakref.ref[Any], int]] = {}
"""What stands for an object that is told by being it, by its place in memory while it is there."""


def kept(
    most: int,
    state: Callable[..., str] = lambda *_, **__: "",
    of: Callable[[Any], Any] = lambda first: first,
) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """Make a function keep what it gives, or the sentence it refuses with (`hide_paths`).

    Parameters
    ----------
    most
        How many results are kept; the longest unused go first.
    state
        Tells one state of the files that the function reads from the next, by its arguments.
    of
        Gives what the function reads of its first argument, where that is not all of it.

    Returns
    -------
    Callable
        Gives a decorator. What it decorates takes values that can be hashed, sequences of them, and
        what has an ``identity``, which tells it, and one state of the results, from others and is
        all of it that is held. A frame, an array or a data class that is equal to itself alone is
        told by being the same object, and not held either: give what is kept. Results are shared:
        do not change them. Who asks for what another is working out waits for that.
    """

    def decorate(make: Callable[Given, Found]) -> Callable[Given, Found]:
        known: _Known = OrderedDict()
        lock = threading.Lock()
        _every.append(known)

        @wraps(make)
        def give(*given: Given.args, **named: Given.kwargs) -> Found:
            read: Any = (of(given[0]), *given[1:]) if given else given
            key = (state(*read, **named), _tell(read), _tell(sorted(named.items())))
            with lock:
                result = known.get(key)
                if first := result is None:
                    result = known[key] = Future()
                    while len(known) > most:
                        known.popitem(last=False)
                else:
                    known.move_to_end(key)
            if first:
                try:
                    result.set_result(make(*read, **named))
                except AtlasError as error:
                    result.set_result(_Refusal(hide_paths(str(error))))
                except BaseException as error:
                    with lock:
                        known.pop(key, None)
                    result.set_exception(error)
            found: Found | _Refusal = result.result()
            if isinstance(found, _Refusal):
                raise AtlasError(found.sentence)
            return found

        return give

    return decorate


def forget() -> None:
    """Forget everything that is kept, as a new process would."""
    for known in _every:
        known.clear()


def _tell(value: Any) -> Hashable:
    """Give what stands for an argument in a key."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_tell, value))
    if isinstance(value, (pd.DataFrame, np.ndarray)):
        return _number(value)
    own = getattr(value, "identity", None)
    if own is not None:
        return type(value), own
    alone = is_dataclass(value) and type(value).__hash__ is object.__hash__
    return _number(value) if alone else value


def _number(value: Any) -> tuple[type, int]:
    """Give what no other object has had or will have, whatever is put in this one's place."""
    place = id(value)
    known = _numbers.get(place)
    if known is None or known[0]() is not value:
        gone = weakref.ref(value, lambda _: _numbers.pop(place, None))
        known = _numbers[place] = gone, next(_COUNTER)
    return type(value), known[1]
