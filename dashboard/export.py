"""Tables to take along: exactly the frame a figure is drawn from."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.style import file_name


def to_csv(frame: pd.DataFrame) -> bytes:
    """Write a frame as CSV in UTF-8, numbers to their last digit."""
    return frame.to_csv(index=False).encode()


def to_parquet(frame: pd.DataFrame) -> bytes:
    """Write a frame as Parquet."""
    sink = io.BytesIO()
    frame.to_parquet(sink, index=False)
    return sink.getvalue()


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
    formats: tuple[tuple[str, str, Callable[[pd.DataFrame], bytes]], ...] = (
        ("csv", "text/csv", to_csv),
        ("parquet", "application/vnd.apache.parquet", to_parquet),
    )
    with st.container(horizontal=True, gap="small"):
        for ending, mime, write in formats:
            st.download_button(
                f"{label}, {ending.upper() if ending == 'csv' else 'Parquet'}",
                data=partial(write, frame),
                file_name=f"{file_name(name)}.{ending}",
                mime=mime,
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
