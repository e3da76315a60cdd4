"""How every page opens: the frame with the menu and what is loaded, and the page within it."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.navigation.page import Page as StreamlitPage

from dashboard.page.address import last_address, run_anew
from dashboard.page.changes import have_changed, note_changes, watch
from dashboard.page.collecting import collector
from dashboard.page.copy_link import copy_link
from dashboard.page.handles import allow_handles
from dashboard.page.leaving import leave_others
from dashboard.page.links import live_address
from dashboard.page.login import ask_login, offer_logout
from dashboard.page.names import as_markdown
from dashboard.page.origins import ask_nobody
from dashboard.page.settings import wrong_settings
from dashboard.page.some import count_of
from dashboard.results import loaded as results
from dashboard.results.head import Head
from dashboard.results.other_runs import OtherRun, find_other_runs
from precompute.errors import AtlasError
from precompute.examples.aligned import ALIGNED
from precompute.log import hide_messages
from precompute.models import MODELS
from precompute.models.weights import Remembered, cached_weights

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")

_ROOT = Path(__file__).parents[2]
PRODUCT = "Protein Attention Atlas"
SIDEBAR_PIXELS = 230
HOME_PAGE = "pages/0_Home.py"
HEADS_PAGE = "pages/1_Heads.py"
LIVE_PAGE = "pages/2_Live.py"
AMINO_ACIDS_PAGE = "pages/3_Amino_acids.py"
SUBSTITUTION_PAGE = "pages/4_Substitution.py"
LAYERS_PAGE = "pages/5_Layers.py"
COMPARE_PAGE = "pages/6_Compare.py"
ALIGNMENTS_PAGE = "pages/7_Alignments.py"
CONTACTS_PAGE = "pages/8_Contacts.py"
METHODS_PAGE = "pages/9_Methods.py"


class Page(NamedTuple):
    """One page: its name in the menu, and in one sentence what it answers."""

    label: str
    answers: str


PAGES: dict[str, Page] = {
    HOME_PAGE: Page(
        "Home",
        "What every attention head of a protein language model has learnt to follow: contacts, "
        "binding sites, modified residues, secondary structure or an amino acid.",
    ),
    HEADS_PAGE: Page(
        "Heads",
        "How much of each head’s attention goes to a property, and which heads stand out from "
        "its background.",
    ),
    LIVE_PAGE: Page(
        "Live",
        "Where each head of a model looks on one protein: in 3D, as a map and over the sequence.",
    ),
    AMINO_ACIDS_PAGE: Page(
        "Amino acids",
        "Which amino acids each head of a model attends to, and which heads of all models attend "
        "most to each.",
    ),
    SUBSTITUTION_PAGE: Page(
        "Substitution",
        "Whether the amino acids that attention treats alike are those that evolution exchanges.",
    ),
    LAYERS_PAGE: Page(
        "Layers", "At which depth of a model its heads follow a property, on average and at most."
    ),
    COMPARE_PAGE: Page(
        "Compare",
        "Where two models or runs differ, head by head or as distributions, and which heads of "
        "several do the same.",
    ),
    ALIGNMENTS_PAGE: Page(
        "Alignments",
        "Which heads of an MSA Transformer read how distantly the sequences of a family are "
        "related, and in which columns.",
    ),
    CONTACTS_PAGE: Page(
        "Contacts",
        "Which contacts all heads of a model know together, on proteins that none was chosen on.",
    ),
    METHODS_PAGE: Page(
        "Methods", "How every number here is made: statistics, definitions, data and sources."
    ),
}
"""Every page in the order of the menu; a new page is its file and its entry here."""

_STYLE = f"<style>{Path(__file__).with_name('opening.css').read_text(encoding='utf-8')}</style>"


_framed: ContextVar[bool] = ContextVar("framed", default=False)
"""Whether the page that runs stands within its frame."""


def open_app() -> None:
    """Draw the frame of every page, then the page that is asked for.

    What is drawn here stays in its place where a visitor goes on to another page.
    """
    _run_framed(_draw_frame())


def _run_framed(page: StreamlitPage) -> None:
    framed = _framed.set(True)
    try:
        page.run()
    finally:
        _framed.reset(framed)


def open_page(title: str, draw: Callable[[results.Loaded], None]) -> None:
    """Draw a page: its title, what it answers, and then what it shows.

    Parameters
    ----------
    title
        Name of the page in the menu: a label of `PAGES`.
    draw
        Draws what the page shows, of what is loaded. A changed control runs this alone; what
        stands around it is as it was.
    """
    if not _framed.get():
        # Streamlit takes the files of pages/ for pages by themselves until it is told which
        # there are: by the first visit, which may be to any of them. What it draws belongs to
        # the page only where the page is run anew; a choice would be lost by the next run.
        page = _draw_frame(title)
        if page.title == title:
            _run_framed(page)
            return
    loaded = results.load()
    heading = PRODUCT if title == "Home" else title
    answers = next(page.answers for page in PAGES.values() if page.label == title)
    st.html(
        f'{_STYLE}<header class="atlas-page"><h1>{html.escape(heading)}</h1>'
        f"<p>{html.escape(answers)}</p></header>"
    )
    # Said once: the next change of a control takes it away.
    notes = note_changes(loaded)
    watch()
    _body(draw, notes)


def _draw_frame(title: str = "") -> StreamlitPage:
    """Say which pages there are, and draw the menu with what is loaded; give the page asked for.

    Parameters
    ----------
    title
        The page that runs by itself; else the address names it.
    """
    collector.start()
    allow_handles()
    ask_nobody()
    hide_messages()
    page = st.navigation(
        [
            st.Page(
                _ROOT / path,
                title=label,
                url_path=label.replace(" ", "_"),
                default=path == HOME_PAGE,
            )
            for path, (label, _) in PAGES.items()
        ],
        position="hidden",
    )
    title = title or page.title
    leave_others(title)
    name = PRODUCT if title == "Home" else f"{title} · {PRODUCT}"
    st.set_page_config(page_title=name, layout="wide", initial_sidebar_state=SIDEBAR_PIXELS)
    if wrong := wrong_settings():  # where serve.py did not look at them
        st.error("  \n".join(map(as_markdown, wrong)))
        st.stop()
    ask_login(PRODUCT, at_home=title == "Home")
    loaded = results.load()
    with st.sidebar:
        with st.container(gap=None):
            for path, (label, _) in PAGES.items():
                # The menu leads back to a page as it was left; the page's own entry begins anew.
                left = {} if label == title else last_address(label.lower().replace(" ", "_"))
                page_link(path, label, left)
            copy_link()
        offer_logout(at_home=title == "Home")
        st.html(loaded_html(loaded, find_other_runs(loaded)))
    return page


@st.fragment
def _body(draw: Callable[[results.Loaded], None], notes: list[str]) -> None:
    loaded = results.load()
    if have_changed(loaded):
        run_anew()
    # A box of its own: what stands below keeps its place when a note comes or goes.
    with st.container():
        show_notes(notes)
        notes.clear()
    draw(loaded)


def part(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn | None]:
    """Make a function draw a part of a page that may fail by itself.

    A results file can vanish or be damaged between two reads of it. What cannot be drawn
    then is one sentence in its place, and the other parts stand. Below `st.fragment`, as
    what a fragment does when it is run anew is outside the page's own run.
    """

    @functools.wraps(draw)
    def drawn(*args: Given.args, **kwargs: Given.kwargs) -> Drawn | None:
        try:
            return draw(*args, **kwargs)
        except AtlasError as problem:
            show_problems([str(problem)])
            return None

    return drawn


def show_problems(problems: tuple[str, ...] | list[str]) -> None:
    """Show sentences about what cannot be used, as plain text and without the server's paths."""
    if problems:
        st.html(
            "".join(
                f'<p role="alert" style="margin:0;border-left:3px solid #d55e00;'
                f'padding:2px 10px">{html.escape(results.hide_paths(sentence))}</p>'
                for sentence in problems
            )
        )


def show_notes(notes: list[str]) -> None:
    """Show small notes that may hold a visitor's text, as plain text."""
    if notes:
        st.html(
            "".join(
                f'<p role="status" style="margin:0;font-size:0.8rem;opacity:0.75">'
                f"{html.escape(note)}</p>"
                for note in notes
            )
        )


def page_link(page: str, label: str, parameters: Mapping[str, list[str]] | None = None) -> None:
    """Draw a link to another page of the app; plain text where the app lacks the page."""
    try:
        st.page_link(page, label=label, query_params=dict(parameters) if parameters else None)
    except (StreamlitAPIException, KeyError):
        st.text(label)


def live_link(
    label: str,
    head: Head,
    protein: str = "",
    chain: str = "",
    checkpoint: Remembered | None = None,
) -> None:
    """Draw a link to a head on the Live page; what reads alignments is shown on an example.

    Under the checkpoint that it was measured with, where that lies here as it did.
    """
    from precompute.live.running.named import named_offers, remembered_offer

    model = MODELS.get(head.model)
    own = remembered_offer(checkpoint) if checkpoint is not None else None
    if checkpoint is not None and own is not None:
        head, model = replace(head, model=checkpoint.key), own.model
    elif model is None and head.model in (named := named_offers()[0]):
        model = named[head.model].model
    if model is not None and not model.reads_alignments:
        page_link(LIVE_PAGE, label, live_address(head, protein, chain))
    elif protein:
        st.text(label)
    elif model is not None and (own is not None or cached_weights(model) is not None):
        page_link(LIVE_PAGE, label, live_address(head, f"alignment:{next(iter(ALIGNED))}"))
    else:
        st.caption("Live has not got its weights.")


def loaded_html(loaded: results.Loaded, others: Sequence[OtherRun] = (), *, most: int = 8) -> str:
    """Say what is loaded: the published tables, and the runs with dataset and size.

    Parameters
    ----------
    loaded
        With the runs of heads' shares.
    others
        The runs of other things.
    most
        Of either that are listed.
    """
    lines = [
        "<b>Loaded results</b>",
        "Published: Vig et al., ICLR 2021; five models, 27 properties, 63,504 values",
        "Published: MsaPhylo, 2026; column attention of 144 heads, 20 families",
    ]
    for run in loaded.runs[:most]:
        label = loaded.labels[run.model]
        lines.append(
            f"Measured: {html.escape(label)}, {run.layers} × {run.heads} heads, "
            f"{html.escape(run.dataset)}, {run.sample} {_run_html(run.name)}"
        )
    if len(loaded.runs) > most:
        lines.append(f"and {count_of(len(loaded.runs) - most, 'older run')}")
    lines += [f"{html.escape(one.title)} {_run_html(one.name)}" for one in others[:most]]
    if len(others) > most:
        lines.append(f"and {count_of(len(others) - most, 'more run')} of contacts, probes or pairs")
    if not loaded.runs and not others:
        lines.append("No measured runs")
    items = "".join(f'<li style="margin:0 0 4px 0">{line}</li>' for line in lines)
    return (
        '<ul style="list-style:none;padding:0;margin:0;font-size:0.8rem;line-height:1.35;'
        f'overflow-wrap:anywhere">{items}</ul>'
    )


def _run_html(name: str) -> str:
    return f'<span style="opacity:0.65">(run {html.escape(name)})</span>'
