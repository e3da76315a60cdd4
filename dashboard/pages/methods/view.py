"""Draw the Methods page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.page.opening import part
from dashboard.pages.methods import sections
from dashboard.results.loaded import Loaded

_STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-methods_contents) {position: sticky; top: 3rem;
  align-self: flex-start}
.st-key-methods_contents {max-height: calc(100vh - 4rem); overflow-y: auto}
.st-key-methods_contents :is(p, li) {font-size: 0.8rem; line-height: 1.4; margin: 0; padding: 0}
.st-key-methods_contents [data-testid="stMarkdownContainer"] {margin-bottom: 0}
.st-key-methods_contents ul {list-style: none; margin: 0 0 4px 0; padding: 0}
.st-key-methods_contents ul ul {padding-left: 10px}
.st-key-methods_contents a {color: inherit; text-decoration: none}
.st-key-methods_contents a:is(:hover, :focus) {text-decoration: underline}
.st-key-methods_text {max-width: 860px}
.st-key-methods_text :is(p, li, td, th) {font-size: 0.875rem; line-height: 1.45}
.st-key-methods_text p {margin: 0 0 0.25rem 0}
.st-key-methods_text h3 {font-size: 1.2rem; padding: 1rem 0 0 0}
.st-key-methods_text h5 {font-size: 0.9rem; padding: 0.7rem 0 0 0}
.st-key-methods_text :is(td, th) {padding: 2px 12px 2px 0; border: none; vertical-align: top;
  text-align: left; overflow-wrap: break-word}
.st-key-methods_text table {display: block; overflow-x: auto}
.st-key-methods_text tr {border-bottom: 1px solid rgba(128,128,128,0.2)}
.st-key-methods_text .katex-display {text-align: left; margin: 0.2rem 0; padding: 2px 0;
  overflow-x: auto; overflow-y: hidden}
.st-key-methods_text .katex-display > .katex {text-align: left; font-size: 1.02em}
.st-key-methods_text code {color: inherit; background: none; padding: 0}
.st-key-methods_text blockquote {border: none; margin: 0; padding: 0; opacity: 0.75;
  color: inherit; overflow-wrap: anywhere}
.st-key-methods_text blockquote p {font-size: 0.8rem}
.st-key-methods_text blockquote code {font-size: 0.95em}
.st-key-methods_text .atlas-many {columns: 2; column-gap: 28px; margin: 0; padding: 0;
  list-style: none}
.st-key-methods_text .atlas-many li {font-size: 0.8rem; line-height: 1.35; margin: 0; padding: 0}
.atlas-facts {font-size: 0.8rem; line-height: 1.35}
.atlas-facts summary {cursor: pointer; padding: 2px 0}
.atlas-facts table {border-collapse: collapse; margin: 0 0 8px 12px}
.st-key-methods_text .atlas-facts :is(td, th) {font-size: 0.8rem; padding: 1px 12px 1px 0}
.atlas-facts th {font-weight: 400; opacity: 0.75; white-space: nowrap}
.st-key-methods_text .atlas-facts td {overflow-wrap: anywhere}
@media (max-width: 900px) {
  .st-key-methods_page {flex-direction: column}
  [data-testid="stLayoutWrapper"]:has(> .st-key-methods_contents) {position: static;
    width: 100% !important; flex-basis: auto !important}
  .st-key-methods_contents {max-height: none; width: 100% !important}
  .st-key-methods_contents ul {columns: 2}
  .st-key-methods_contents ul ul {columns: 1}
  .st-key-methods_text .atlas-many {columns: 1}
}
</style>"""

_ANCHOR = Path(__file__).with_name("anchor.js").read_text(encoding="utf-8")


@part
def draw_methods(loaded: Loaded) -> None:
    """Draw the whole page: contents beside the text."""
    st.html(_STYLE)
    with st.container(horizontal=True, gap="medium", key="methods_page"):
        with st.container(width=190, key="methods_contents"):
            st.markdown(sections.contents())
        with st.container(width="stretch", gap="small", key="methods_text"):
            for anchor, text in sections.sections(loaded).items():
                st.markdown(text, unsafe_allow_html=True)
                if anchor == "provenance":
                    st.html(sections.runs_html(loaded))
                if anchor == "citation":
                    _draw_entries(loaded)
    st.html(f"<script>{_ANCHOR}</script>", unsafe_allow_javascript=True)


def _draw_entries(loaded: Loaded) -> None:
    """Draw the BibTeX entries of what is loaded, to copy and to save."""
    entries = sections.cited(loaded)
    st.code(entries, language=None, height=260)
    st.download_button(
        "All entries, BibTeX",
        data=entries,
        file_name="protein-attention-atlas.bib",
        mime="application/x-bibtex",
        on_click="ignore",
        key="methods_bib",
    )
