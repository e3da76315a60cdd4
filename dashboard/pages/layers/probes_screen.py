"""The paper's probes: how well a property is read from each layer of TapeBert."""

from __future__ import annotations

import pandas as pd

from dashboard.figures.look import style
from dashboard.figures.look.letters import shorten
from dashboard.figures.look.plot import Plot, drawing, one_line, words
from dashboard.figures.top_heads.top_heads_screen import ticks
from dashboard.pages.layers.layer_panels_screen import MARGIN_RIGHT, WIDTH, layer_ticks

PLOT, ABOVE, BELOW, LEFT = 92, 34, 34, 42
_COLOURS = {"embedding": style.VALUE, "attention": style.OTHER}


def probe_svg(probes: pd.DataFrame, title: str) -> str:
    """Draw the probe curves of one property.

    Parameters
    ----------
    probes
        Rows of ``published_probes`` of one property: one or two probes.
    title
        The property.

    Returns
    -------
    str
        One SVG element: a dot a layer; a filled dot is the embedding probe, a ring the
        attention probe.
    """
    limit = min(float(probes["value"].max()) * 1.05, 1.0) or 1.0
    count = int(probes["layer"].max())
    plot = Plot(
        LEFT,
        ABOVE,
        WIDTH - LEFT - MARGIN_RIGHT,
        PLOT,
        (0.5, count + 0.5),
        (0.0, limit),
    )
    metric = str(probes["metric"].iloc[0])
    kinds = list(dict.fromkeys(probes["probe"]))
    parts = [words(0, 11, shorten(title, WIDTH, bold=True), 'font-weight="bold"')]
    parts += plot.y_axis([(tick, f"{tick:g}") for tick in ticks(limit, 5)], shorten(metric, 100))
    parts += plot.x_axis([(tick, f"{tick}") for tick in layer_ticks(count)], "layer")
    at = 0.0  # where the key's next entry stands
    for kind in kinds:
        parts.append(_dot(at + 4, 21, kind))
        parts.append(words(at + 11, 25, kind, 'opacity="0.75"'))
        at += 78
    for kind in kinds:
        own = probes[probes["probe"] == kind].sort_values("layer")
        places = [(plot.x(n), plot.y(v)) for n, v in zip(own["layer"], own["value"], strict=True)]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path d="{path}" stroke="{_COLOURS[kind]}" fill="none"/>')
        for (x, y), row in zip(places, own.to_dict("records"), strict=True):
            said = f"layer {row['layer']}, {kind} probe: {metric} {row['value']:.3f}"
            parts.append(f"<g><title>{one_line(said)}</title>{_dot(x, y, kind)}</g>")
    best = probes.loc[probes.groupby("probe", sort=False)["value"].idxmax()]
    said = "; ".join(
        f"{row['probe']} probe at most {row['value']:.2f} in layer {row['layer']}"
        for row in best.to_dict("records")
    )
    return drawing(parts, WIDTH, ABOVE + PLOT + BELOW, f"{title}, {metric} by layer: {said}")


def _dot(x: float, y: float, kind: str) -> str:
    colour = _COLOURS[kind]
    look = f'fill="{colour}"' if kind == "embedding" else f'fill="none" stroke="{colour}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" {look} stroke-width="1.5"/>'
