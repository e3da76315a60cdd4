"""One typical changed control of every page, from the key or click until it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from benchmarks.browser import DRAWN, HEATMAPS, drawn, ready
from benchmarks.options import Options
from benchmarks.table import Absolute, Limit, Row, compare

AIM, FIVE_AIM = Limit(0.45, "s"), Limit(0.8, "s")
CHARTS = f"document.querySelectorAll('{DRAWN}').length"
_PAUSE = 600
"""Milliseconds between changes, so that one does not run into the next."""
_CELLS = ".st-key-heatmap_prot_bert_bfd_published"
FIVE = "&".join(
    f"models={name}"
    for name in ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
)
_PROPERTIES = ("Helix", "Strand", "Binding site", "Proline", "Contact", "Leucine", "Modification")
_LETTERS = {"W": "Tryptophan", "C": "Cysteine", "H": "Histidine", "K": "Lysine", "G": "Glycine"}
_MATRICES = ("PAM250", "GONNET1992", "BLOSUM45", "BLOSUM62")


@dataclass(frozen=True)
class Change:
    """A control to change, again and again, each time to something that is not shown.

    Attributes
    ----------
    name
        Page and control.
    path
        The page.
    condition
        JavaScript: that the page can be used.
    act
        Makes the change of a given number, from 0, and gives its seconds.
    group
        The row's group.
    limit
        Of the seconds.
    measured
        Whether the page needs a run of contacts, which does not ship.
    """

    name: str
    path: str
    condition: str
    act: Callable[[Page, int], float]
    group: str = "pages"
    limit: Limit = AIM
    measured: bool = False


def time_change(
    context: BrowserContext, change: Change, bare: str, atlas: str, options: Options
) -> Row:
    """Time one control and the bare page's button in turn.

    Parameters
    ----------
    context
        The browser.
    change
        What to change.
    bare, atlas
        Addresses of the bare page whose heatmap a button replaces, and of the dashboard.
    options
        How many repeats.
    """
    options.say(f"change: {change.name}")
    floor_page, page = context.new_page(), context.new_page()
    ready(floor_page, bare, f"{HEATMAPS} === 1", 1)
    ready(page, f"{atlas}{change.path}", change.condition, 1)
    page.wait_for_timeout(1500)
    floor: list[float] = []
    seconds: list[float] = []
    for repeat in range(options.repeats(7) + 1):
        floor_page.bring_to_front()
        floor_page.wait_for_timeout(_PAUSE)
        bare_taken = _press(floor_page, repeat + 1)
        page.bring_to_front()
        page.wait_for_timeout(_PAUSE)
        taken = change.act(page, repeat)
        if repeat:  # the first warms both
            floor.append(bare_taken)
            seconds.append(taken)
    floor_page.close()
    page.close()
    return compare(
        change.group,
        change.name,
        Absolute("change drawn", tuple(seconds)),
        Absolute("bare page's heatmap changed", tuple(floor)),
        change.limit,
    )


def _press(page: Page, number: int) -> float:
    """Press the bare page's button; give the seconds until its next heatmap is there."""
    condition = (
        f"document.querySelector('.gtitle')?.textContent === 'number {number}' && {HEATMAPS} === 1"
    )
    return drawn(page, "mousedown", lambda: page.get_by_role("button").first.click(), condition)


def _type(page: Page, field: str, text: str, condition: str) -> float:
    """Choose an entry of a select box by its first letters."""
    page.locator(f"{field} input").first.click()
    page.keyboard.type(text)
    page.wait_for_timeout(300)
    return drawn(page, "keydown", lambda: page.keyboard.press("Enter"), condition)


def _choose_property(models: int) -> Callable[[Page, int], float]:
    titles = "[...document.querySelectorAll('[class*=heatmap_] .annotation-text')]"

    def act(page: Page, number: int) -> float:
        name = _PROPERTIES[number % len(_PROPERTIES)]
        shown = f"{titles}.filter((title) => title.textContent.startsWith('{name}')).length"
        return _type(
            page,
            ".st-key-heads_feature",
            name,
            # a heatmap a model, and its ten highest heads
            f"{shown} === {2 * models} && {HEATMAPS} === {models}",
        )

    return act


def _open_head(page: Page, number: int) -> float:
    layer, head = 1 + 3 * number % 30, 1 + 5 * number % 16
    x, y = page.evaluate(
        """([chart, layer, head]) => {
          const plot = document.querySelector(`${chart} .js-plotly-plot`);
          const box = plot.getBoundingClientRect();
          const { xaxis, yaxis } = plot._fullLayout;
          return [box.x + xaxis._offset + xaxis.c2p(head),
            box.y + yaxis._offset + yaxis.c2p(layer)];
        }""",
        [_CELLS, layer, head],
    )
    page.mouse.move(x, y)
    page.wait_for_timeout(200)
    condition = (
        "document.querySelector('.st-key-opened_head h3')?.textContent.includes"
        f"('Head {layer}-{head}') && "
        "document.querySelector('.st-key-opened_head .atlas-table') !== null"
    )
    return drawn(page, "mousedown", lambda: page.mouse.click(x, y), condition)


def _choose_amino_acid(page: Page, number: int) -> float:
    letter, name = list(_LETTERS.items())[number % len(_LETTERS)]
    title = "document.querySelector('.st-key-heatmap_amino_acid .annotation-text')?.textContent"
    button = page.locator(f'[data-pick="{letter}"]')
    return drawn(page, "mousedown", button.click, f"{title}?.startsWith('{name}')")


def _choose_matrix(page: Page, number: int) -> float:
    name = _MATRICES[number % len(_MATRICES)]
    title = "document.querySelector('.st-key-substitution_chart_scores .annotation-text')"
    condition = f"{title}?.textContent.startsWith('{name}') && {CHARTS} === 3"
    return _type(page, ".st-key-substitution_matrix", name, condition)


def _choose_axis(page: Page, number: int) -> float:
    name, panels = ("Relative depth", 5) if number % 2 == 0 else ("Layer", 0)
    shown = (
        "[...document.querySelectorAll('[data-testid=stMain] svg text')]"
        ".filter((text) => text.textContent === 'relative depth').length"
    )
    button = page.locator(".st-key-layers_axis").get_by_text(name, exact=True).first
    return drawn(page, "mousedown", button.click, f"{shown} === {panels}")


def _compare_property(page: Page, number: int) -> float:
    name = _PROPERTIES[number % len(_PROPERTIES)]
    selector = f'{DRAWN} [aria-label^="Cumulative distribution of {name}"]'
    condition = f"document.querySelector('{selector}') !== null"
    return _type(page, ".st-key-compare_feature", name, condition)


def _choose_control(page: Page, number: int) -> float:
    name = ("Within rows", "Within columns")[number % 2]
    bars = "[...document.querySelectorAll('.st-key-alignments_map_published svg text')]"
    condition = f"{bars}.some((text) => text.textContent.includes('shuffled {name.lower()}'))"
    button = page.locator(".st-key-alignments_control").get_by_text(name, exact=True).first
    return drawn(page, "mousedown", button.click, condition)


def _choose_separation(page: Page, number: int) -> float:
    name = ("Short, 6–11", "Medium, 12–23")[number % 2]
    said = f"{name.lower()} apart"
    words = "[...document.querySelectorAll('.st-key-contacts_comparison svg .xtitle')]"
    condition = f"{words}.some((text) => text.textContent.includes('{said}'))"
    button = page.locator(".st-key-contacts_separation").get_by_text(name, exact=True).first
    return drawn(page, "mousedown", button.click, condition)


CHANGES = (
    Change(
        "Heads, one model: another property", "/Heads", f"{HEATMAPS} === 1", _choose_property(1)
    ),
    Change(
        "Heads, five models: another property",
        f"/Heads?{FIVE}",
        f"{HEATMAPS} === 5",
        _choose_property(5),
        limit=FIVE_AIM,
    ),
    Change("Heads, one model: a head opened", "/Heads", f"{HEATMAPS} === 1", _open_head),
    Change(
        "Amino acids: another amino acid",
        "/Amino_acids",
        f"{HEATMAPS} === 1",
        _choose_amino_acid,
    ),
    Change(
        "Substitution: another matrix",
        "/Substitution",
        f"{CHARTS} === 3",
        _choose_matrix,
    ),
    Change(
        "Layers: another axis",
        "/Layers",
        f"document.querySelectorAll('.st-key-layers_chart {DRAWN} .annotation-text').length === 5",
        _choose_axis,
    ),
    Change(
        "Compare: another property",
        "/Compare",
        f"""document.querySelector('{DRAWN} [aria-label^="Cumulative distribution"]') !== null""",
        _compare_property,
    ),
    Change("Alignments: another control", "/Alignments", f"{HEATMAPS} >= 1", _choose_control),
    Change(
        "Contacts: another separation",
        "/Contacts",
        f"document.querySelector('.st-key-contacts_comparison {DRAWN}') !== null",
        _choose_separation,
        measured=True,
    ),
)
"""What `pages` changes; Live's changes are in `benchmarks.redraw`, Home and Methods have none."""
