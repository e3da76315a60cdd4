"""The paper's probes: how well a property is read from each layer of TapeBert."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template, ticks
from dashboard.figures.look.draft import Chart, trace
from dashboard.pages.layers.layer_panels_screen import MARGIN_RIGHT, WIDTH
from dashboard.results.frames import rows_of

PLOT, MARGIN_TOP, MARGIN_BOTTOM, MARGIN_LEFT = 92, 38, 38, 46
ABOVE = 24
"""Room for the legend above all panels, in pixels."""
LOOKS = {
    "embedding": (style.VALUE, "circle", "solid"),
    "attention": (style.OTHER, "circle-open", "solid"),
    "embedding, shuffled": (style.VALUE, "line-ew", "dot"),
    "attention, shuffled": (style.OTHER, "line-ew", "dot"),
}
"""Colour, symbol and line of each probe; what is not known looks as the first."""


def probe_panel(probes: pd.DataFrame, title: str, below: str = "") -> Chart:
    """Draw the probe curves of one property.

    Parameters
    ----------
    probes
        Rows of ``published_probes`` of one property, or of `dashboard.results.probes`.
    title
        The property.
    below
        A line below it, such as `say_scored`.

    Returns
    -------
    plotly.graph_objects.Figure
        A dot a layer; a filled dot is the embedding probe, a ring the attention probe; dotted
        lines are their controls, thin upright ones intervals.
    """
    ends = ["value", "upper"] if "upper" in probes else ["value"]
    highest = float(np.nanmax(probes[ends].to_numpy(float)))
    count = int(probes["layer"].max())
    metric = str(probes["metric"].iloc[0])
    figure = template.new_figure(
        *(MARGIN_TOP + PLOT + MARGIN_BOTTOM, WIDTH, WIDTH),
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        xaxis={
            "range": [0.5, count + 0.5],
            "title": "layer",
            "tickvals": ticks.layers(count),
        },
        yaxis={
            "range": [0, min(highest * 1.05, 1.0) or 1.0],
            "title": template.shorten(metric, PLOT + MARGIN_TOP),
            "nticks": 5,
            "showgrid": True,
        },
    )
    for kind, part in probes.groupby("probe", sort=False):
        own = part.sort_values("layer")
        colour, symbol, dash = LOOKS.get(str(kind), LOOKS["embedding"])
        spread = {}
        if dash == "solid" and "upper" in own and own["upper"].notna().any():
            spread["error_y"] = template.whiskers(
                *(own[name].to_numpy(float) for name in ("value", "lower", "upper")),
                **{"type": "data", "symmetric": False, "color": colour},
            )
        figure.add_trace(
            trace(
                "scatter",
                name=template.plain(name_probe(str(kind))),
                x=own["layer"].to_numpy(),
                y=own["value"].to_numpy(np.float32),
                mode="lines+markers",
                line={"color": colour, "width": 1, "dash": dash},
                **spread,
                marker={"symbol": symbol, "size": 6, "line": {"width": 1.5, "color": colour}},
                hovertemplate=(
                    f"layer %{{x}}, {template.plain(name_probe(str(kind)))}<br>"
                    f"{template.plain(metric)} %{{y:.3f}}<extra></extra>"
                ),
            )
        )
    template.title(figure, title, below, width=WIDTH - 2, xshift=-MARGIN_LEFT)
    return figure.finish()


def say_scored(probes: pd.DataFrame) -> str:
    """Say on how many proteins curves rest; of the paper's that is not known, and nothing is said.

    A control may have another number, as its labels are exchanged between proteins.
    """
    known = (
        probes.loc[~probes["probe"].str.contains(","), "proteins"] if "proteins" in probes else ()
    )
    counts = sorted({int(count) for count in known if count == count})
    if not counts:
        return ""
    numbers = " to ".join(f"{count:,}" for count in dict.fromkeys((counts[0], counts[-1])))
    return f"n = {numbers} protein{'' if counts[-1] == 1 else 's'}"


def name_probe(kind: str) -> str:
    """Name a probe, such as ``embedding probe, shuffled``."""
    source, comma, control = kind.partition(",")
    return f"{source} probe{comma}{control}"


def say_probes(probes: pd.DataFrame, title: str) -> str:
    """Say the highest value of each probe of one property, for readers who do not see it."""
    best = probes.loc[probes.groupby("probe", sort=False)["value"].idxmax()]
    said = "; ".join(
        f"{name_probe(str(row['probe']))} at most {row['value']:.2f} in layer {row['layer']}"
        for row in rows_of(best)
    )
    return f"{title}, {probes['metric'].iloc[0]} by layer: {said}"
