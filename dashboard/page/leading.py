"""Markup of our own making with many links to other pages; `leading.js` does the browser's part.

Each of Streamlit's links is an element with a box of its own: a table of them takes a browser
longer to draw than the rest of its page, and is none for who does not see it.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from dashboard.page.joining import PRESSED, join_files
from dashboard.page.opening import PAGES

_component = st.components.v2.component(
    "protein_attention_atlas.leading",
    html='<div class="leading"></div>',
    js=join_files(PRESSED, Path(__file__).with_name("leading.js")),
    isolate_styles=False,
)


def leading(page: str, inner: str, parameters: Mapping[str, list[str]]) -> str:
    """Write a link to another page.

    Parameters
    ----------
    page
        A page of `dashboard.page.opening.PAGES`.
    inner
        What is clicked: HTML, every name in it escaped.
    parameters
        Query parameters of the address.
    """
    address = f"{PAGES[page].label.replace(' ', '_')}?{urlencode(parameters, doseq=True)}"
    return f'<a href="{html.escape(address)}">{inner}</a>'


def show_leading(markup: str, *, key: str) -> None:
    """Show markup whose links are all of `leading`.

    Parameters
    ----------
    markup
        HTML, every name in it escaped.
    key
        Identity on the page, and a class in the document (``st-key-…``).
    """
    _component(key=key, data=markup)
