"""Results that change while a page is open: loaded anew, and said to the visitor."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.page.address import run_anew
from dashboard.page.some import some_of
from dashboard.results import loaded as results
from dashboard.results.loaded import Loaded, Run

SECONDS = 10
"""How often an open page looks whether its results are still those it shows."""
_SEEN = "results_seen"


def note_changes(loaded: Loaded) -> list[str]:
    """Remember what is loaded, and say what differs from what this visitor saw before.

    Parameters
    ----------
    loaded
        What there is now.

    Returns
    -------
    list of str
        One sentence, or nothing.
    """
    now = _by_name(loaded)
    before: Mapping[str, Run] | None = st.session_state.get(_SEEN)
    st.session_state[_SEEN] = now
    return say_changes(now if before is None else before, now)


def say_changes(before: Mapping[str, Run], now: Mapping[str, Run]) -> list[str]:
    """Say which runs are new, gone, or other than they were.

    Parameters
    ----------
    before, now
        Runs by name.

    Returns
    -------
    list of str
        One sentence, or nothing where all are the same.
    """
    kinds = {
        "new": [name for name in now if name not in before],
        "gone": [name for name in before if name not in now],
        "measured anew": [name for name in now if name in before and now[name] != before[name]],
    }
    parts = [f"{kind}: {some_of(names)}" for kind, names in kinds.items() if names]
    if not parts:
        return []
    return [
        "The results folder has changed while this page was open, and is loaded anew; "
        f"{'; '.join(parts)}."
    ]


@st.fragment(run_every=SECONDS)
def watch() -> None:
    """Draw the page anew once its results have changed; until then nothing is run but this."""
    if have_changed(results.load()):
        run_anew()


def have_changed(loaded: Loaded) -> bool:
    """Tell whether results are others than `note_changes` has remembered."""
    return bool(st.session_state.get(_SEEN) != _by_name(loaded))


def _by_name(loaded: Loaded) -> dict[str, Run]:
    return {run.name: run for run in loaded.runs}
