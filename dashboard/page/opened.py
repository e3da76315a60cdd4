"""One head that is opened on a page that names it ``layer.head`` or ``model.layer.head``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.page.address import Choices


@contextmanager
def opened_heading(choices: Choices, head: str, model: str) -> Iterator[None]:
    """Draw an opened head's name, the links that are drawn meanwhile, and what closes it.

    Parameters
    ----------
    choices
        The page's.
    head, model
        What a visitor calls them.
    """
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.subheader(f"Head {head}", anchor=False, width="content")
        st.text(model, width="content")
        yield
        key = f"{choices.page}_close"
        st.button("Close", on_click=choices.set, args=("head", ""), type="tertiary", key=key)


def open_clicked(choices: Choices, opened: tuple[int, int] | None, cell: list[int]) -> None:
    """Open the clicked cell's head, or close it if it is the open one."""
    layer, head = map(int, cell)
    choices.set("head", "" if (layer, head) == opened else f"{layer}.{head}")


def choose_row(
    table: pd.DataFrame,
    key: str,
    values: Sequence[str],
    chosen: Callable[[str], None],
    columns: Mapping[str, Any],
) -> None:
    """Draw a table that sorts and searches, and of which a row can be chosen.

    Parameters
    ----------
    table
        What is shown; texts are as cells of a spreadsheet (`precompute.spreadsheet.as_cells`).
    key
        Of the table, unique on the page.
    values
        What each row stands for.
    chosen
        Called with what the chosen row stands for, before the page is drawn.
    columns
        How columns are written.
    """

    def selected() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows and rows[0] < len(values):
            chosen(values[rows[0]])

    st.dataframe(
        table,
        hide_index=True,
        height=min(38 + 28 * len(table), 430),
        row_height=28,
        column_config=dict(columns),
        on_select=selected,
        selection_mode="single-row",
        key=key,
    )
