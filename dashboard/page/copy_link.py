"""A button that copies the address of the page as it stands."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_STYLE = """
.link { font-family: var(--st-font); font-size: 0.8rem; color: var(--st-text-color);
  display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: baseline; }
button { font: inherit; color: inherit; background: none; border: none; padding: 2px 0;
  cursor: pointer; text-decoration: underline; text-underline-offset: 3px;
  text-decoration-thickness: 1px; }
input { font: inherit; color: inherit; background: none; width: 100%;
  border: 1px solid rgba(128,128,128,0.6); padding: 2px 4px; }
input[hidden] { display: none; }
"""

_component = st.components.v2.component(
    "protein_attention_atlas.copy_link",
    html='<div class="link"><button type="button">Copy link</button>'
    '<span role="status"></span>'
    '<input type="text" readonly hidden aria-label="Address of this view"></div>',
    css=_STYLE,
    js=(Path(__file__).parent / "copy_link.js").read_text(encoding="utf-8"),
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
