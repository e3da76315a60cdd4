"""What stands behind a button: a page pays for the button alone."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.page.opening import part


@st.fragment
@part
def unfold(label: str, key: str, draw: Callable[[], None]) -> None:
    """Draw a button that opens more; that is drawn when it is opened, without the page.

    Parameters
    ----------
    label
        Of the button.
    key
        Of the button; unique on the page.
    draw
        Draws what is behind it.
    """
    popover = st.popover(label, type="tertiary", key=key, on_change="rerun")
    if popover.open:
        with popover:
            draw()
