"""Tables to take along: exactly the frame a figure is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.look.style import file_name
from dashboard.page.table_files import TABLE_FILES, to_csv, to_parquet

__all__ = ["download_buttons", "svg_button", "to_csv", "to_parquet"]


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


def svg_button(draw: Callable[[], str], name: str, label: str, key: str) -> None:
    """Draw the button that saves a figure as SVG; the file is made on the click.

    Parameters
    ----------
    draw
        Gives the file's text.
    name
        File name without its ending.
    label
        What the figure is, for the button.
    key
        Key of the widget, unique on the page.
    """
    st.download_button(
        f"{label}, SVG",
        data=draw,
        file_name=f"{file_name(name)}.svg",
        mime="image/svg+xml",
        on_click="ignore",
        key=key,
    )
