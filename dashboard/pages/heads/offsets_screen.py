"""Where a head's arcs land relative to the residue that attends: one bar an offset."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from precompute.features import MAXIMUM_OFFSET

WIDTH, HEIGHT = 380, 190


def offsets_chart(frame: pd.DataFrame, title: tuple[str, str]) -> Chart:
    """Draw a head's target offsets.

    Parameters
    ----------
    frame
        Rows of `dashboard.results.head_facts.offset_frame`.
    title
        The two lines above the figure.

    Returns
    -------
    plotly.graph_objects.Figure
        A bar is the share of the head's arcs in percent, the line on it its interval, the
        short line across it the background.
    """
    places = np.arange(len(frame))
    percent, lower, upper, background = (
        frame[name].to_numpy(dtype=float)
        for name in ("percent", "interval_lower", "interval_upper", "background_percent")
    )
    offsets = [str(feature).partition(":")[2] for feature in frame["feature"]]
    figure = template.new_figure(HEIGHT, WIDTH, 240)
    figure.add_trace(
        trace(
            "bar",
            x=places,
            y=percent,
            marker={"color": style.VALUE},
            error_y=template.whiskers(percent, lower, upper, color=style.INK),
            customdata=[
                _say(offset, *values)
                for offset, *values in zip(offsets, percent, lower, upper, background, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
            name="share of the arcs",
        )
    )
    if not np.isnan(background).all():
        figure.add_trace(
            template.quiet(
                places,
                background,
                mode="markers",
                marker={"symbol": "line-ew-open", "size": 13, "color": style.OTHER}
                | {"line": {"width": 1.5}},
                name="background",
            )
        )
    limit = 1.05 * float(np.nanmax([percent, upper, background, np.ones(len(frame))]))
    named = [place for place in places if _is_named(offsets[place])]
    figure.update_layout(
        margin={"l": 44, "r": 10, "t": 42, "b": 42},
        showlegend=False,
        xaxis={
            "range": [-0.5, len(frame) - 0.5],
            "title": "offset of the target, residues",
            "tickvals": named,
            "ticktext": [offsets[place].replace("-", "−") for place in named],
        },
        yaxis={"range": [0, limit], "title": "% of the head's arcs", "nticks": 5},
    )
    template.title(figure, *title)
    return figure.finish()


def _is_named(offset: str) -> bool:
    """Tell whether an offset stands on the axis; beside “far” there is no room for the last."""
    return offset == "far" or (int(offset) % 5 == 0 and int(offset) != MAXIMUM_OFFSET)


def _say(offset: str, percent: float, lower: float, upper: float, background: float) -> str:
    words = {"far": f"further than {MAXIMUM_OFFSET}", "0": "itself"}
    text = f"{words.get(offset, offset.replace('-', '−'))}: {percent:.1f} %"
    if lower == lower:
        text += f" ({lower:.1f}–{upper:.1f})"
    return text + (f", background {background:.1f} %" if background == background else "")
