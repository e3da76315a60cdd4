"""The map of what a model's heads are like: entropy, distance, diagonal or special tokens."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.heads.heads_screen import LayerBars, layer_map
from dashboard.figures.look.draft import Chart
from dashboard.results.frames import rows_of
from dashboard.results.shapes import SHAPES, layer_means, shape_grid


def shape_map(
    frame: pd.DataFrame,
    name: str,
    size: tuple[int, int],
    end: float,
    title: tuple[str, str],
    width: int | None = None,
) -> Chart:
    """Draw one panel.

    Parameters
    ----------
    frame
        Of `dashboard.results.head_facts.head_shapes`.
    name
        Key of `SHAPES`: what is shown.
    size
        Layers and heads of the model.
    end
        Where the colours end; they begin at 0.
    title
        The two lines above the figure.
    width
        Pixels at which it looks best.
    """
    shape, values = SHAPES[name], shape_grid(frame, name, size)
    means = layer_means(values)
    texts = [["not known"] * size[1] for _ in range(size[0])]
    for row in rows_of(frame):
        said = [
            f"{one.label.lower()} {one.say(row[key])}"
            for key, one in SHAPES.items()
            if not np.isnan(row[key])
        ]
        texts[int(row["layer"]) - 1][int(row["head"]) - 1] = "<br>".join(said)
    bars = LayerBars(
        means,
        [f"mean {shape.say(mean)}" for mean in means],
        f"mean ({shape.unit})",
        means_end(means),
    )
    return layer_map(values, texts, (0.0, end), shape.legend, bars, title, width).finish()


def means_end(means: np.ndarray) -> float:
    """Give where the axis of layer means ends."""
    return 1.05 * float(np.nanmax(means, initial=0.0)) or 1.0


def scale_end(frames: list[pd.DataFrame], name: str) -> float:
    """Give where the colours of some frames end: at the highest head of them."""
    return (
        max(
            (float(frame[name].max()) for frame in frames if frame[name].notna().any()), default=0.0
        )
        or 1.0
    )
