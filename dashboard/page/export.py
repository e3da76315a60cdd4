"""Tables to take along: exactly the frame a figure is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.look.style import file_name
from dashboard.page.table_files import TABLE_FILES


def download_buttons(frame: pd.DataFrame, name: str, label: str, key: str) -> None:
    """Draw the two buttons that save a frame; the files are made on the click.

    Parameters
    ----------
    frame
        What is saved.
    name
        File name without its ending.
    label
        What the table is, for the buttons.
    key
        Key of the widgets, unique on the page.
    """
    with st.container(horizontal=True, gap="small"):
        for ending, kind in TABLE_FILES.items():
            data, file = partial(kind.write, frame), f"{file_name(name)}.{ending}"
            save_button(f"{label}, {kind.label}", data, file, kind.media_type, f"{key}_{ending}")


def save_button(
    label: str, data: str | Callable[[], bytes], file: str, media_type: str, key: str
) -> None:
    """Draw a button that saves a file, and nothing is drawn anew for it; arguments are its own."""
    st.download_button(
        label, data=data, file_name=file, mime=media_type, on_click="ignore", key=key
    )
