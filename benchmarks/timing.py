"""Time some actions in turn, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

LEAST = 3
ENOUGH = 50.0


def time_in_turn(
    actions: Mapping[str, Callable[[], object]], repeats: int, enough: float = ENOUGH
) -> dict[str, tuple[float, ...]]:
    """Time some actions A B C A B C …, after one round that is not counted.

    Parameters
    ----------
    actions
        What to do, by its name.
    repeats
        Rounds that are counted.
    enough
        Seconds after which `LEAST` rounds do, so that a slow machine ends too.

    Returns
    -------
    dict
        Seconds of each action, one a round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    begun = time.perf_counter()
    for repeat in range(repeats + 1):
        if repeat > LEAST and time.perf_counter() - begun > enough:
            break
        for name, action in actions.items():
            clock = time.perf_counter()
            action()
            if repeat:
                seconds[name].append(time.perf_counter() - clock)
    return {name: tuple(values) for name, values in seconds.items()}
