"""Time some actions in turn, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping


def time_in_turn(
    actions: Mapping[str, Callable[[], object]], repeats: int
) -> dict[str, tuple[float, ...]]:
    """Time some actions A B C A B C …, after one round that is not counted.

    Parameters
    ----------
    actions
        What to do, by its name.
    repeats
        Rounds that are counted.

    Returns
    -------
    dict
        Seconds of each action, one a round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for repeat in range(repeats + 1):
        for name, action in actions.items():
            clock = time.perf_counter()
            action()
            if repeat:
                seconds[name].append(time.perf_counter() - clock)
    return {name: tuple(values) for name, values in seconds.items()}
