"""Whole maps of heads as a file: which, how large, made by the model anew, and handed out."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from dashboard.figures.look.style import file_name
from dashboard.page.address import KEPT
from dashboard.page.labels import labelled
from dashboard.page.opening import show_notes
from dashboard.page.unfold import unfold
from dashboard.pages.live.shown import Shown
from dashboard.pages.live.waiting import wait_for_maps
from precompute.live.running.attention import Given
from precompute.live.running.maps import MapsBytes, WantedMaps, maps_size
from precompute.live.settings import largest_file

_KEY, _WANTED = "live_maps", "live_maps_wanted"


def offer_maps(shown: Shown, given: Given) -> None:
    """Draw the button that opens the choice; of one sequence that was read at once."""
    if isinstance(given, str) and shown.attention.window is None:
        unfold("Whole maps, HDF5", _KEY, lambda: _draw(shown, given))


def _draw(shown: Shown, given: str) -> None:
    """Draw the choice of heads, each with its size, and the file once it is made."""
    found = choices_of(shown)
    most = largest_file() * 1024**2
    fit = {name: one for name, one in found.items() if one.size <= most}
    if len(fit) < len(found):
        show_notes(
            [
                f"What is larger than {largest_file():,} MB is not handed out here: python -m "
                "precompute attention writes it."
            ]
        )
    if not fit:
        return
    labels = {name: one.label for name, one in fit.items()}
    name = st.selectbox(
        "Heads", list(fit), width=330, **labelled(f"{_KEY}_heads", labels.__getitem__), **KEPT
    )
    wanted = fit[name].wanted
    st.button(
        "Make the file",
        key=f"{_KEY}_make",
        on_click=st.session_state.__setitem__,
        args=(_WANTED, (shown.offer.model.name, given, wanted)),
        help="The model reads the protein anew: of its maps the page keeps the larger weights "
        "alone.",
    )
    if st.session_state.get(_WANTED) != (shown.offer.model.name, given, wanted):
        return
    made = wait_for_maps(shown.offer, given, wanted)
    if made is not None:
        _hand_out(shown, made)


class _Heads(NamedTuple):
    """Heads that can be asked for: in words, for the process that runs models, and in bytes."""

    label: str
    wanted: WantedMaps
    size: int


def choices_of(shown: Shown) -> dict[str, _Heads]:
    """List which heads can be asked for, with their bytes before compression."""
    attention, layer = shown.attention, shown.head[0]
    everything = [(one, head) for one in range(attention.layers) for head in range(attention.heads)]
    names = ", ".join(f"{one}-{head}" for one, head in shown.heads)
    drawn = [(one - 1, head - 1) for one, head in sorted(shown.heads)]
    groups = {
        "drawn": (f"Head{'s' if len(shown.heads) > 1 else ''} {names}", drawn),
        "layer": (f"Layer {layer}", [one for one in everything if one[0] == layer - 1]),
        "all": (f"All {len(everything)} heads", everything),
    }
    found = {}
    for name, (label, heads) in groups.items():
        size = maps_size(attention.residues, len(heads))
        wanted = WantedMaps(shown.protein.identifier, tuple(heads))
        found[name] = _Heads(f"{label}: {megabytes(size)} before compression", wanted, size)
    return found


def megabytes(size: int) -> str:
    """Write a size."""
    return f"{size / 1e6:,.0f} MB" if size >= 10e6 else f"{size / 1e6:.2g} MB"


def _hand_out(shown: Shown, made: MapsBytes) -> None:
    name = file_name(f"{shown.protein.identifier}_{shown.offer.model.label}_maps")
    st.download_button(
        f"Maps, HDF5 ({megabytes(made.nbytes)})",
        data=made.data,
        file_name=f"{name}.h5",
        mime="application/x-hdf5",
        on_click="ignore",
        key=f"{_KEY}_file",
        help="attention: heads × residues × residues in half precision, rows attend to columns, as "
        "precompute attention writes it.",
    )
