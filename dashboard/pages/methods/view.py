"""Draw the Methods page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.page.export import save_button
from dashboard.page.markdown import markdown_html, show_html
from dashboard.page.opening import part
from dashboard.pages.methods import sections
from dashboard.results.loaded import Loaded

_STYLE = f"<style>{Path(__file__).with_name('view.css').read_text(encoding='utf-8')}</style>"

_ANCHOR = Path(__file__).with_name("anchor.js").read_text(encoding="utf-8")


@part
def draw_methods(loaded: Loaded) -> None:
    """Draw the whole page: contents beside the text."""
    st.html(_STYLE)
    with st.container(horizontal=True, gap="medium", key="methods_page"):
        with st.container(width=190, key="methods_contents"):
            st.html(markdown_html(sections.contents()))
        with st.container(width="stretch", gap="small", key="methods_text"):
            written = sections.sections(loaded)
            citation = written.pop("citation")
            show_html(
                markdown_html("\n\n".join(written.values()))
                + sections.runs_html(loaded)
                + markdown_html(citation),
                key="methods_prose",
            )
            _draw_entries(loaded)
    st.html(f"<script>{_ANCHOR}</script>", unsafe_allow_javascript=True)


def _draw_entries(loaded: Loaded) -> None:
    """Draw the BibTeX entries of what is loaded, to copy and to save."""
    entries = sections.cited(loaded)
    st.code(entries, language=None, height=260)
    file = "protein-attention-atlas.bib"
    save_button("All entries, BibTeX", entries, file, "application/x-bibtex", "methods_bib")
