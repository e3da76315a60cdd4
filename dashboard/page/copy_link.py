"""A button that copies the address of the page as it stands."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "protein_attention_atlas.copy_link",
    html='<div class="link"><button type="button">Copy link</button>'
    '<span role="status"></span>'
    '<input type="text" readonly hidden aria-label="Address of this view"></div>',
    css=Path(__file__).with_name("copy_link.css").read_text(encoding="utf-8"),
    js=Path(__file__).with_name("copy_link.js").read_text(encoding="utf-8"),
)


def copy_link(key: str = "copy_link") -> None:
    """Draw the button.

    The browser takes the address itself, so that no choice of a page has to be handed
    over, and nothing is drawn anew when one changes.

    Parameters
    ----------
    key
        Key of the component, unique on the page.
    """
    _component(key=key)
