"""Figures made of SVG or HTML whose parts answer a click; `pick.js` does the browser's part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_STYLE = """
.pick {font-family: var(--st-font); font-size: 12px; color: var(--st-text-color);
  font-variant-numeric: tabular-nums; overflow-x: auto}
.pick table {border-collapse: collapse; line-height: 1.3}
.pick th, .pick td {text-align: right; padding: 1px 8px; white-space: nowrap;
  border-bottom: 1px solid rgba(128,128,128,0.2)}
.pick th:first-child {text-align: left; padding-left: 2px}
.pick tbody th {font-weight: 400}
.pick tr[data-pick] {cursor: pointer}
.pick tr[data-pick]:hover {background: rgba(128,128,128,0.15)}
.pick tr[data-pick]:focus-visible {outline: 2px solid var(--st-primary-color)}
.pick tr.chosen th, .pick tr.chosen td {font-weight: 700}
"""

_component = st.components.v2.component(
    "protein_attention_atlas.pick",
    html='<div class="pick"></div>',
    css=_STYLE,
    js=(Path(__file__).parent / "pick.js").read_text(encoding="utf-8"),
)


def show_pickable(markup: str, *, key: str, picked: Callable[[str], None]) -> None:
    """Show markup of our own making, every name in it escaped, that answers clicks.

    Parameters
    ----------
    markup
        One element.
    key
        Identity on the page.
    picked
        Called with the value of the part that was clicked.
    """

    def changed() -> None:
        value = st.session_state[key].get("picked")
        if value is not None:
            picked(str(value))

    _component(key=key, data={"markup": markup}, on_picked_change=changed)
