"""Wait for a protein's attention: shown at once where it is known, else with progress."""

from __future__ import annotations

import functools
import threading

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.page.address import run_anew
from dashboard.page.leaving import on_leaving
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes, show_problems
from precompute.errors import AtlasError
from precompute.live.running.attention import Given, SparseAttention
from precompute.live.running.inference import Offer, Service, extent, size_gigabytes
from precompute.live.running.maps import MapsBytes, WantedMaps
from precompute.live.running.messages import Found
from precompute.live.running.queue import Job
from precompute.live.running.together import HeadsTogether
from precompute.models.weights import cached_weights

AT_ONCE_SECONDS = 4.0
"""What takes no longer than this is begun without asking."""
_WAIT = 0.4
"""Seconds that a page waits by itself before it shows progress."""
_ATTENTION, _TOGETHER, _COMPARISON = "live", "live_together", "live_comparison"
_MAPS = "live_maps"
"""What a visitor waits for; begins the keys of what is known of it."""
_BEGIN = {
    _ATTENTION: "Compute the attention",
    _COMPARISON: "Compare the two proteins",
    _MAPS: "Write the maps",
}
_AGREED = "live_agreed"
_FILE = " file"
"""Behind a visitor's name, of a file that is made for them."""
_beginning = threading.Lock()


def service() -> Service:
    """Give what all visitors share.

    In no cache of Streamlit's, which every visitor may clear: each time another process
    would be started for models.
    """
    with _beginning:
        return _service()


@functools.cache
def _service() -> Service:
    return Service(connected)


def visitor() -> str:
    """Name this visitor, by the session: nobody is two."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def connected(session: str) -> bool:
    """Tell whether a session's browser is connected, however late its answers are."""
    session = session.removesuffix(_FILE)
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def _who(what: str) -> str:
    """Name who asks: a file is waited for beside what is drawn, and neither ends the other."""
    return visitor() + (_FILE if what == _MAPS else "")


def wait_for_attention(offer: Offer, given: Given) -> SparseAttention | None:
    """Give the attention, or draw how far it is.

    Parameters
    ----------
    offer
        The model.
    given
        What it is to read.

    Returns
    -------
    SparseAttention or None
        None while it is computed, or when it was not begun or failed; the page then says
        so.
    """
    agreed = bool(st.session_state.pop(_AGREED, False))  # to this alone
    found = _wait(_ATTENTION, offer, given, (), agreed=agreed)
    if found is None:
        stop_waiting(_TOGETHER, _COMPARISON, _MAPS)  # they were of what was shown before
    return found if isinstance(found, SparseAttention) else None


def wait_for_together(offer: Offer, given: Given, heads: tuple[int, ...]) -> HeadsTogether | None:
    """Give the mean of heads, or draw how far it is; as `wait_for_attention`.

    Parameters
    ----------
    offer, given
        The model, and what it is to read.
    heads
        Of `precompute.live.running.together.heads_to_ask`.
    """
    # A pass as long as the one that has just been made, and asked for by its control.
    found = _wait(_TOGETHER, offer, given, heads, agreed=True)
    return found if isinstance(found, HeadsTogether) else None


def wait_for_comparison(offer: Offer, given: Given) -> SparseAttention | None:
    """Give what a model without attention makes of two proteins, or draw how far it is."""
    found = _wait(_COMPARISON, offer, given, ())
    return found if isinstance(found, SparseAttention) else None


def wait_for_maps(offer: Offer, given: str, wanted: WantedMaps) -> MapsBytes | None:
    """Give the file of whole maps, or draw how far it is."""
    found = _wait(_MAPS, offer, given, (), wanted, agreed=True)
    return found if isinstance(found, MapsBytes) else None


@part
def _wait(
    what: str,
    offer: Offer,
    given: Given,
    heads: tuple[int, ...],
    maps: WantedMaps | None = None,
    *,
    agreed: bool = False,
) -> Found | None:
    shared = service()
    found = shared.find(offer, given, heads, maps)
    if found is not None:
        stop_waiting(what)
        return found
    key = shared.key(offer, given, heads, maps)
    job: Job[Found] | None = st.session_state.get(f"{what}_job")
    if job is not None and job.key != key:
        stop_waiting(what)
        job = None
    if job is not None and st.session_state.get(f"{what}_cancelled"):
        show_notes(["Cancelled."])
        st.button("Try again", key=f"{what}_again", on_click=stop_waiting, args=(what,))
        return None
    # Left without having been cancelled: the connection was gone, and is there again.
    again = job is not None and job.state == "left"
    if job is None or again:
        if not (again or _may_begin(what, shared, offer, given, agreed=agreed)):
            return None
        try:
            job = shared.ask(offer, given, _who(what), heads, maps)
        except AtlasError as error:
            show_problems([str(error)])
            st.button("Try again", key=f"{what}_again")
            return None
        st.session_state[f"{what}_job"] = job
        job.finished.wait(_WAIT)
    on_leaving("Live", stop_waiting)
    if not job.finished.is_set():
        _progress(what, offer.model.label)
        return None
    taken = _take(what, job)
    if taken is not None and offer.here is None and cached_weights(offer.model) is not None:
        run_anew()  # the list above still says that the model must be downloaded
    return taken


def has_failed() -> bool:
    """Tell whether the attention that this visitor waited for could not be had."""
    job: Job[Found] | None = st.session_state.get(f"{_ATTENTION}_job")
    return job is not None and job.state == "failed"


def begin_unasked() -> None:
    """Have what is asked for next begun without another question; for callbacks."""
    stop_waiting()
    st.session_state[_AGREED] = True


def stop_waiting(*what: str) -> None:
    """Leave what this visitor waits for, if anything: the place is free at once; all by default."""
    for one in what or (_ATTENTION, _TOGETHER, _COMPARISON, _MAPS):
        st.session_state.pop(f"{one}_cancelled", None)
        job: Job[Found] | None = st.session_state.pop(f"{one}_job", None)
        if job is not None:
            service().queue.leave(job, _who(one))


def stop_together() -> None:
    """Leave the mean of heads alone."""
    stop_waiting(_TOGETHER)


def _cancel(what: str, job: Job[Found]) -> None:
    """Leave a job as the visitor wishes, and remember that they did."""
    st.session_state[f"{what}_cancelled"] = True
    service().queue.leave(job, _who(what))


def _take(what: str, job: Job[Found]) -> Found | None:
    """Take a finished job's result, or say what became of it."""
    if job.state == "done":
        del st.session_state[f"{what}_job"]
        return job.result
    if job.state == "left":
        run_anew()
    show_problems([job.problem])
    st.button("Try again", key=f"{what}_again", on_click=stop_waiting, args=(what,))
    return None


def _may_begin(what: str, shared: Service, offer: Offer, given: Given, *, agreed: bool) -> bool:
    """Begin what is quick; ask before what takes long or must be downloaded."""
    seconds = shared.speed.seconds(offer.model, *extent(given))
    if agreed or (offer.here is not None and seconds <= AT_ONCE_SECONDS):
        return True
    size = size_gigabytes(offer.model)
    columns, *rows = extent(given)
    size_of = f"{rows[0]:,} sequences × {columns:,} columns" if rows else f"{columns} residues"
    told = f"{offer.model.label} on {size_of} takes about {_duration(seconds)}"
    if offer.here is None:
        told += f", after a download of about {size:.2g} GB"
    question = st.empty()
    with question.container():
        st.text(f"{told}; loading {size:.2g} GB of weights is not counted.")
        begun = st.button(
            _BEGIN[what],
            key=f"{what}_begin",
            type="primary",
        )
    if begun:
        question.empty()
    return bool(begun)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min"


@st.fragment(run_every=0.5)
def _progress(what: str, label: str) -> None:
    """Show place and progress; the page is drawn anew once the job has ended."""
    shared = service()
    job: Job[Found] | None = st.session_state.get(f"{what}_job")
    if job is None:
        return
    ahead = shared.queue.place(job)
    if job.finished.is_set():
        run_anew()
    if job.state == "waiting":
        others = "one protein is" if ahead == 1 else f"{ahead} proteins are"
        st.progress(0.0, text=f"Waiting: {others} before yours.")
    else:
        share = job.done / job.total if job.total else job.share
        layers = f": layer {job.done} of {job.total}" if job.done else ""
        st.progress(share, text=f"{as_markdown(job.stage or label)}{layers}")
    if st.button("Cancel", key=f"{what}_cancel", on_click=_cancel, args=(what, job)):
        run_anew()
