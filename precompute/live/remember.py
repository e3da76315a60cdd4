"""Remember what was worked out of an object for as long as the object lives."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, ref

Owner = TypeVar("Owner")
Rest = ParamSpec("Rest")
Result = TypeVar("Result")

MOST = 32
"""Results that are kept of one object; the oldest go first."""


def remember(
    function: Callable[Concatenate[Owner, Rest], Result],
) -> Callable[Concatenate[Owner, Rest], Result]:
    """Keep a function's results by its first argument, without keeping that alive.

    A cache that holds its arguments would keep attention that the store has dropped.
    The further arguments are told apart by equality and must be hashable; one that is equal to
    itself alone, such as a visitor's protein, is not kept alive either. Results are shared: do not
    change them.
    """
    known: WeakKeyDictionary[Owner, dict[Hashable, Result]] = WeakKeyDictionary()
    lock = threading.Lock()

    @functools.wraps(function)
    def remembered(owner: Owner, /, *rest: Rest.args, **named: Rest.kwargs) -> Result:
        key = (tuple(map(_weakly, rest)), tuple(sorted(named.items())))
        with lock:
            own = known.setdefault(owner, {})
            if key in own:
                return own[key]
        result = function(owner, *rest, **named)  # two visitors may both work it out
        with lock:
            while len(own) >= MOST:
                own.pop(next(iter(own)))
            own[key] = result
        return result

    return remembered


def _weakly(value: Hashable) -> Hashable:
    """Give what stands for an argument in a key: a dead reference equals none to what is new."""
    alone = value is not None and type(value).__hash__ is object.__hash__
    return ref(value) if alone else value
