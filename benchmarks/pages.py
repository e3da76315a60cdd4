"""How long every page takes in a real browser, beside a bare page with one heatmap."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import switches
from benchmarks.browser import DRAWN, HEATMAPS, find_chromium, marks_at_rest, open_browser, ready
from benchmarks.changes import CHANGES, FIVE, time_change
from benchmarks.options import Options
from benchmarks.redraw import ARCS
from benchmarks.server import ATLAS, BARE_CHANGE, BARE_PAGE, BARE_SWITCH, serve
from benchmarks.table import Absolute, Limit, Row, absent, compare
from tests.measured_contacts import measured_contacts

GROUP = "pages"
DEFINITION = (
    "ready: from the start of the navigation, in a new tab of a browser that stays open, until "
    "Streamlit says that the script has finished and everything is drawn that is drawn at rest "
    "(every cell, line, dot, table and formula), / the same of a bare Streamlit page with one "
    "plain 30 × 16 Plotly heatmap; the published tables of five models and the demo's results "
    "are loaded, and pages take turns. change: from the key or click until the document shows "
    "it, / a bare page whose one heatmap a button replaces, in turn. switch: from the click on "
    "a page in the menu until it has finished and everything is drawn, / from an empty page "
    "to a bare page with one heatmap."
)
READY, FIVE_READY = Limit(1.3), Limit(1.5)


@dataclass(frozen=True)
class Visit:
    """A page to open, and JavaScript that says it holds what it should."""

    name: str
    path: str
    condition: str
    limit: Limit = READY


def _there(selector: str, count: int = 1) -> str:
    return f"document.querySelectorAll('{selector}').length >= {count}"


_MAPS = "[...document.querySelectorAll('.st-key-home_maps img')].filter((map) => map.complete)"
VISITS = (
    Visit(
        "Home",
        "/",
        f"document.body.innerText.includes('Loaded:') && {_MAPS}.length === 5"
        f" && Number({ARCS}?.dataset.arcs) > 0",
    ),
    Visit("Heads, one model", "/Heads", f"{HEATMAPS} === 1"),
    Visit("Heads, five models", f"/Heads?{FIVE}", f"{HEATMAPS} === 5", FIVE_READY),
    Visit(
        "Heads, a head opened",
        "/Heads?head=prot_bert_bfd.30.9",
        f"{HEATMAPS} === 1 && {_there('.st-key-opened_head .atlas-table')}",
    ),
    Visit("Amino acids", "/Amino_acids", f"{HEATMAPS} >= 1"),
    Visit("Substitution", "/Substitution", _there(DRAWN, 3)),
    Visit("Layers", "/Layers", _there(f".st-key-layers_chart {DRAWN} .annotation-text", 5)),
    Visit("Compare", "/Compare", _there(f'{DRAWN} [aria-label^="Cumulative distribution"]')),
    Visit("Alignments", "/Alignments", f"{HEATMAPS} >= 1"),
    Visit("Contacts", "/Contacts", _there(".atlas-table tr", 5)),
    Visit("Live", "/Live", f"Number({ARCS}?.dataset.arcs) > 0"),
    Visit("Methods", "/Methods", _there(".atlas-formula svg", 24)),
)
"""Every page; Live with the attention of its first protein already kept by the server."""


def rows(options: Options) -> Iterator[Row]:
    """Measure visits, then changes, then the server's memory."""
    if find_chromium() is None:
        yield absent(GROUP, "every page", "no chromium here")
        return
    with (
        serve(BARE_PAGE) as bare,
        serve(BARE_CHANGE) as bare_change,
        serve(BARE_SWITCH) as bare_switch,
        serve(ATLAS) as atlas,
        tempfile.TemporaryDirectory() as folder,
    ):
        marks = yield from _visits(options, bare.address, atlas.address)
        with open_browser() as context:
            yield from switches.rows(context, marks, bare_switch.address, atlas.address, options)
        with open_browser(height=1500) as context:
            for change in CHANGES:
                if not change.measured:
                    yield time_change(context, change, bare_change.address, atlas.address, options)
        options.say("pages: a run of contacts, of a random checkpoint")
        results, _ = measured_contacts(Path(folder))
        with serve(ATLAS, ATLAS_RESULTS=str(results)) as own, open_browser(height=1500) as context:
            for change in CHANGES:
                if change.measured:
                    yield time_change(context, change, bare_change.address, own.address, options)
        yield compare(
            GROUP,
            "start of the server",
            Absolute("the dashboard's server answers", (atlas.start,)),
            Absolute("a bare page's server answers", (bare.start,)),
        )
        yield compare(
            GROUP,
            "server after all visits and changes",
            Absolute("the dashboard's server", (atlas.megabytes(),), "MB"),
            Absolute("the bare page's server", (bare.megabytes(),), "MB"),
            note="The process that runs Live's models is not in the server's memory.",
        )


def _visits(
    options: Options, bare: str, atlas: str
) -> Generator[Row, None, dict[str, tuple[str, int]]]:
    """Open every page; give what each page of the menu holds and how many marks at rest."""
    floor = "bare page with one heatmap"
    pages = [(floor, bare, f"{HEATMAPS} === 1")]
    pages += [(visit.name, f"{atlas}{visit.path}", visit.condition) for visit in VISITS]
    seconds: dict[str, list[float]] = {name: [] for name, _, _ in pages}
    with open_browser() as context:
        options.say("pages: each once, to count what is drawn at rest")
        marks = {name: marks_at_rest(context, url, held) for name, url, held in pages}
        for repeat in range(options.repeats(9)):
            options.say(f"pages: round {repeat + 1}")
            for name, url, held in pages:
                page = context.new_page()
                seconds[name].append(ready(page, url, held, marks[name]))
                page.close()
    beside = Absolute(f"{floor}, ready", tuple(seconds[floor]))
    for visit in VISITS:
        yield compare(
            GROUP, visit.name, Absolute("ready", tuple(seconds[visit.name])), beside, visit.limit
        )
    menu = {visit.name.partition(",")[0]: visit for visit in reversed(VISITS)}
    return {name: (visit.condition, marks[visit.name]) for name, visit in reversed(menu.items())}
