"""What stands behind a button: a page pays for the button alone."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.page.opening import part


def unfold(label: str, key: str, draw: Callable[[], None]) -> None:
    """Draw a button that opens more; that is drawn when it is opened.

    What is changed behind the button then runs that alone. A closed button is no fragment, as
    Streamlit copies where each stands in every run.

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
            _draw_opened(draw)


@st.fragment
@part
def _draw_opened(draw: Callable[[], None]) -> None:
    draw()
