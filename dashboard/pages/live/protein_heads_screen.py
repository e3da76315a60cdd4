"""Layers × heads of one protein, and the ranking of its heads."""

from __future__ import annotations

from html import escape

import pandas as pd

from dashboard.figures.look import palette, style, svg

LEFT, TOP, BOTTOM = 40, 6, 34


def heads_map_svg(
    frame: pd.DataFrame, chosen: list[tuple[int, int]], *, about: str, unit: str, width: int = 380
) -> str:
    """Draw a cell for each head; grey where a head has too few arcs.

    Parameters
    ----------
    frame
        Columns ``layer``, ``head``, ``arcs``, ``hits``, ``percent``.
    chosen
        Heads that are outlined, layer and head from 1.
    about
        What is drawn, in words.
    unit
        What a cell's value is, such as ``% of its arcs``.
    width
        In pixels.

    Returns
    -------
    str
        One SVG element; ``data-pick`` of a cell is ``layer-head``.
    """
    layers, heads = int(frame["layer"].max()), int(frame["head"].max())
    room = width - LEFT - 8
    column = min(room / heads, 26.0)
    row = 22.0 if layers <= 4 else 15.0 if layers <= 12 else 11.0
    limit = max(frame["percent"].dropna().tolist(), default=0.0) or 1.0
    bottom = TOP + layers * row
    parts = []
    for layer, head, arcs, hits, percent in zip(
        frame["layer"].tolist(),
        frame["head"].tolist(),
        frame["arcs"].tolist(),
        frame["hits"].tolist(),
        frame["percent"].tolist(),
        strict=True,
    ):
        known = percent == percent
        value = f"{percent:.1f} {unit}" if known else "too few arcs"
        words = escape(f"head {layer}-{head}: {value}; {hits} of {arcs} arcs")
        colour = _colour(percent / limit) if known else style.MASKED
        parts.append(
            f'<rect data-pick="{layer}-{head}" x="{LEFT + (head - 1) * column + 0.4:.1f}" '
            f'y="{bottom - layer * row + 0.4:.1f}" width="{column - 0.8:.1f}" '
            f'height="{row - 0.8:.1f}" fill="{colour}" style="cursor:pointer">'
            f"<title>{words}</title></rect>"
        )
    for layer, head in chosen:
        box = (
            f'x="{LEFT + (head - 1) * column:.1f}" y="{bottom - layer * row:.1f}" '
            f'width="{column:.1f}" height="{row:.1f}" fill="none" pointer-events="none"'
        )
        parts.append(f'<rect {box} stroke="#fff" stroke-width="3"/>')
        parts.append(f'<rect {box} stroke="#000" stroke-width="1.5"/>')
    for head in svg.ticks(heads, most=16):
        x = LEFT + (head - 0.5) * column
        parts.append(svg.text(x, bottom + 13, str(head), 'text-anchor="middle"'))
    for layer in svg.ticks(layers, most=12):
        y = bottom - (layer - 0.5) * row + 4
        parts.append(svg.text(LEFT - 4, y, str(layer), 'text-anchor="end"'))
    middle = (TOP + bottom) / 2
    drawn = heads * column
    parts += [
        svg.text(LEFT + drawn / 2, bottom + 27, "head", 'text-anchor="middle"'),
        svg.text(
            11, middle, "layer", f'text-anchor="middle" transform="rotate(-90 11 {middle:.0f})"'
        ),
    ]
    if frame["percent"].notna().any():
        parts.append(_scale(LEFT, bottom + BOTTOM + 2, min(drawn, 220.0), limit, unit))
    height = bottom + BOTTOM + 30
    return svg.picture(LEFT + drawn + 8, height, "Heads on this protein", about, parts)


def ranking_html(ranked: pd.DataFrame, chosen: list[tuple[int, int]], unit: str) -> str:
    """Write the highest heads as a table; ``data-pick`` of a row is ``layer-head``."""
    if ranked.empty:
        return "<p>No head has arcs enough to be ranked.</p>"
    rows = []
    for row in ranked.to_dict("records"):
        head = (int(row["layer"]), int(row["head"]))
        name = f"{head[0]}-{head[1]}"
        here = ' aria-current="true" class="chosen"' if head in chosen else ""
        rows.append(
            f'<tr data-pick="{name}" tabindex="0"{here}><th scope="row">{name}</th>'
            f"<td>{row['percent']:.1f}</td>"
            f"<td>{int(row['hits']):,} / {int(row['arcs']):,}</td></tr>"
        )
    return (
        f'<table><thead><tr><th scope="col">head</th><th scope="col">{escape(unit)}</th>'
        f'<th scope="col">hits / arcs</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _scale(x: float, y: float, width: float, limit: float, unit: str) -> str:
    steps = 32
    bars = "".join(
        f'<rect x="{x + width * step / steps:.2f}" y="{y}" width="{width / steps + 0.3:.2f}" '
        f'height="7" fill="{_colour((step + 0.5) / steps)}"/>'
        for step in range(steps)
    )
    return (
        bars
        + svg.text(x, y + 19, "0")
        + svg.text(x + width, y + 19, f"{limit:.3g} {unit}", 'text-anchor="end"')
    )


def _colour(share: float) -> str:
    scale = palette.hexadecimal(style.SEQUENTIAL)
    return scale[round(min(max(share, 0.0), 1.0) * (len(scale) - 1))]
