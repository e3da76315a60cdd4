"""Which places an axis names, where Plotly or matplotlib cannot know: layers, heads, residues."""

from __future__ import annotations

from typing import Any


def places(count: int, most: int = 12, *, twos: bool = False) -> list[int]:
    """Choose places from 1 to `count`, the first among them and then round ones.

    Parameters
    ----------
    count
        Layers, heads or residues.
    most
        How many are named at most, about.
    twos
        Whether every second may be named: 2 then stands beside 1.
    """
    steps = (1, *([2] if twos else []), 5, 10, 20, 50, 100, 200, 500, 1000)
    step = next(step for step in steps if count / step <= most or step == steps[-1])
    if step == 1:
        return list(range(1, count + 1))
    return [1, *(place for place in range(step, count + 1, step) if place > 1 + step // 3)]


def place_ticks(count: int, most: int = 12) -> dict[str, Any]:
    """Give Plotly's arguments of an axis that names `places`."""
    return {"tickmode": "array", "tickvals": places(count, most)}


def layers(count: int) -> list[int]:
    """Choose the layers that a narrow axis names."""
    return places(count, 6, twos=True)


def fold(log2: float) -> str:
    """Write a fold over the background, given as its log2."""
    return f"{2**log2:g}×" if log2 >= 0 else f"1/{2**-log2:g}×"
