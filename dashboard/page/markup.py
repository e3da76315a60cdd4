"""Markup of our own making whose parts answer a click; `markup.js` does the browser's part.

For what is no chart: pictures, tables and drawings of a sequence. In the markup

- a click or Enter on what has ``data-pick`` gives its value; a click on a track with
  ``data-columns`` ``column``, counted from 0;
- of buttons with ``aria-pressed``, that of the chosen value is pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import streamlit as st

from dashboard.page.joining import PRESSED, join_files

_component = st.components.v2.component(
    "protein_attention_atlas.markup",
    html='<div class="markup"></div>',
    css=join_files(Path(__file__).with_name("markup.css")),
    js=join_files(PRESSED, Path(__file__).with_name("markup.js")),
)


def show_markup(
    markup: str,
    *,
    key: str,
    picked: Callable[[str], None],
    chosen: str = "",
    width: int | Literal["stretch"] = "stretch",
) -> None:
    """Show markup, every name in it escaped, that answers clicks.

    Parameters
    ----------
    markup
        HTML or SVG, with the style that it needs beyond the page's font.
    key
        Identity on the page.
    picked
        Called with the value of the part that was clicked.
    chosen
        The value whose button is pressed.
    width
        In pixels, where there is room.
    """

    def changed() -> None:
        value = st.session_state[key].get("picked")
        if value is not None:
            picked(str(value))

    data = {"markup": markup, "chosen": chosen}
    _component(key=key, data=data, on_picked_change=changed, width=width)
