"""End what a page has begun for a visitor as soon as that visitor opens another page.

A page is not told that it is left: the next one that opens says so.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_LEFT = "page_left"


def on_leaving(page: str, leave: Callable[[], None]) -> None:
    """Have something done once the visitor opens another page than this one."""
    st.session_state[_LEFT] = (page, leave)


def leave_others(page: str) -> None:
    """Do what other pages have asked for; every page calls this as it opens."""
    left: tuple[str, Callable[[], None]] | None = st.session_state.get(_LEFT)
    if left is not None and left[0] != page:
        del st.session_state[_LEFT]
        left[1]()
