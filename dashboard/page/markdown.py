"""Long texts of ours that are made into HTML once, by the server, instead of at every visit.

Streamlit's own Markdown is read and built anew by each browser: a page as long as Methods takes
half a second for it.
"""

from __future__ import annotations

import re
from functools import lru_cache

import streamlit as st
from markdown_it import MarkdownIt

from dashboard.figures.look.formula import Formulas

_FORMULA = re.compile(r"^\$\$$(.+?)^\$\$$", re.MULTILINE | re.DOTALL)
_component = st.components.v2.component(
    "protein_attention_atlas.markdown",
    html='<div class="atlas-markdown"></div>',
    js="""export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".atlas-markdown");
  if (root.atlasShown !== data.html) root.innerHTML = root.atlasShown = data.html;
}""",
    isolate_styles=False,
)


@lru_cache(128)
def markdown_html(text: str) -> str:
    """Make HTML of Markdown with tables, HTML, and formulas between lines of ``$$``.

    Parameters
    ----------
    text
        Of our own: HTML in it stays HTML.
    """
    formulas = Formulas()
    drawn = _FORMULA.sub(
        lambda own: f'<div class="atlas-formula">{formulas.draw(own[1])}</div>\n', text
    )
    html = str(MarkdownIt("commonmark", {"html": True}).enable("table").render(drawn))
    return formulas.outlines + html if drawn != text else html


def show_html(html: str, *, key: str) -> None:
    """Show HTML of our own, in which every stranger's text is escaped.

    Parameters
    ----------
    html
        It may hold SVG, which `streamlit.html` drops.
    key
        Identity on the page, and a class in the document (``st-key-…``).
    """
    _component(key=key, data={"html": html})
