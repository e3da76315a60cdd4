"""Put drawings into a page that answer to the pointer: SVG and small images made here.

A chart of Plotly's takes a tenth of a second of the browser; twenty small maps, or two
matrices and a scatter, are drawn at once this way. In the markup

- elements with the same ``data-link`` are marked together while the pointer is on one of
  them, and the element of class ``say`` shows the text of that link; arrow keys go from
  one text to the next;
- a click on an element with ``data-choose`` is told to Python.

The markup is trusted: escape every name in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_STYLE = """
.atlas-drawing {font-family: var(--st-font); font-size: 11px; line-height: 1.3;
  color: var(--st-text-color)}
.atlas-drawing svg {display: block; max-width: 100%; height: auto}
.atlas-drawing .row {display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: flex-start}
.atlas-drawing .say {min-height: 1.4em; font-size: 12px; font-variant-numeric: tabular-nums}
.atlas-drawing [data-link].on {stroke: var(--st-text-color); stroke-width: 2px; fill-opacity: 1}
.atlas-drawing:focus-visible {outline: 2px solid var(--st-primary-color); outline-offset: 3px}
.atlas-drawing .maps {display: flex; flex-wrap: wrap; gap: 4px 8px}
.atlas-drawing .group {margin: 5px 0 1px; opacity: 0.75}
.atlas-drawing button {all: unset; cursor: pointer; display: block; padding: 1px 2px 2px;
  border-radius: 2px; font-variant-numeric: tabular-nums}
.atlas-drawing button:hover {background: rgba(128,128,128,0.25)}
.atlas-drawing button:focus-visible {outline: 2px solid var(--st-primary-color)}
.atlas-drawing button[aria-pressed="true"] {background: rgba(128,128,128,0.25);
  box-shadow: 0 0 0 2px var(--st-text-color)}
.atlas-drawing button img {display: block; image-rendering: pixelated}
.atlas-drawing .scale {display: inline-block; width: 120px; height: 8px; vertical-align: middle;
  margin: 0 4px}
"""

_component = st.components.v2.component(
    "protein_attention_atlas.drawing",
    html='<div class="atlas-drawing"></div>',
    css=_STYLE,
    js=(Path(__file__).parent / "drawing.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def draw(
    markup: str,
    *,
    key: str,
    says: Mapping[str, str] | None = None,
    chosen: str = "",
    on_choose: Callable[[str], None] | None = None,
) -> None:
    """Draw.

    Parameters
    ----------
    markup
        HTML and SVG of the dashboard's own making.
    key
        Of the element, unique on the page.
    says
        A line of plain text for each link; that of ``""`` stands while none is marked.
    chosen
        The ``data-choose`` that is marked as chosen.
    on_choose
        Called with the ``data-choose`` that was clicked, before the page is run anew.
    """

    def clicked() -> None:
        value = st.session_state[key].get("chosen")
        if value is not None and on_choose is not None:
            on_choose(str(value))

    data: dict[str, Any] = {"markup": markup, "says": dict(says or {}), "chosen": chosen}
    _component(key=key, data=data, on_chosen_change=clicked)
