"""Tables to take along: exactly the frame a figure is drawn from."""

from __future__ import annotations

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
            st.download_button(
                f"{label}, {kind.label}",
                data=partial(kind.write, frame),
                file_name=f"{file_name(name)}.{ending}",
                mime=kind.media_type,
                on_click="ignore",
                key=f"{key}_{ending}",
            )
