"""From every page to every other and back, in real Chromium, with choices made on the way."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.page.opening import PAGES
from dashboard.pages.live.asking import NO_FILE
from precompute.examples import load_example
from tests.browser.live_app import drop

pytestmark = pytest.mark.browser

NAMES = tuple(page.label for page in PAGES.values())
SHOWN = """() => {
  const title = document.title.split(" · ")[0];
  const found = {};
  for (const box of document.querySelectorAll('[data-testid="stMain"] [class*="st-key-"]')) {
    const own = [...box.classList].find((name) => name.startsWith("st-key-"));
    const values = [
      ...[...box.querySelectorAll("input:not([type=file]), textarea")].map((one) => one.value),
      ...[...box.querySelectorAll('[aria-checked="true"], [aria-pressed="true"]')].map(
        (one) => one.textContent),
      ...[...box.querySelectorAll('[data-baseweb="tag"]')].map((one) => one.textContent),
    ].filter(Boolean);
    if (values.length) found[own] = values;
  }
  const head = [...document.querySelectorAll(".st-key-opened_head h3")].map(
    (one) => one.textContent);
  return JSON.stringify([title, location.search, found, head]);
}"""
"""What a page shows of its choices: every control's value, and the address."""
POLLING = 50
"""Milliseconds between two looks; one at every frame would keep the page from being drawn."""


def shown(page: Page) -> str:
    """Read the page's choices once it is drawn."""
    drawn(page)
    page.wait_for_load_state("networkidle")
    return str(page.evaluate(SHOWN))


def expect_shown(page: Page, state: str) -> None:
    """Wait until the page shows its choices as they were."""
    try:
        page.wait_for_function(f"(state) => ({SHOWN})() === state", arg=state, polling=POLLING)
    except Exception:
        assert json.loads(str(page.evaluate(SHOWN))) == json.loads(state)
        raise
    expect(page.get_by_test_id("stException")).to_have_count(0)


def go(page: Page, name: str) -> None:
    """Go to a page by the menu."""
    title = "Protein Attention Atlas" if name == "Home" else name
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(
        "(t) => document.title.split(' · ')[0] === t", arg=title, polling=POLLING
    )
    drawn(page)


def drawn(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


@contextlib.contextmanager
def another_address(page: Page) -> Iterator[None]:
    """Do something, and wait until the address says so."""
    before = page.url
    yield
    page.wait_for_function("(before) => location.href !== before", arg=before, polling=POLLING)
    drawn(page)


def pick(page: Page, key: str, text: str) -> None:
    """Choose from a list."""
    box = page.locator(f".st-key-{key} input")
    box.click()
    box.fill(text)
    box.press("Enter")
    box.press("Escape")


def select(page: Page, key: str, text: str) -> None:
    """Choose from a list what then stands in the address."""
    with another_address(page):
        pick(page, key, text)


def press(page: Page, key: str, *texts: str) -> None:
    """Choose among what stands side by side."""
    for text in texts:
        with another_address(page):
            page.locator(f".st-key-{key}").get_by_text(text, exact=True).click()


def push(page: Page, key: str, arrow: str) -> None:
    """Move a slider by a step."""
    with another_address(page):
        page.locator(f".st-key-{key} input").press(arrow)


def choose_heads(page: Page) -> None:
    select(page, "heads_feature", "Binding")
    press(page, "heads_models", "ProtBert-BFD", "TapeBert")
    press(page, "heads_measure", "Enrichment")
    press(page, "heads_scale", "Shared")
    press(page, "heads_results", "Measured")
    with another_address(page):
        page.locator("[class*=st-key-heatmap] .nsewdrag").first.click(position={"x": 5, "y": 5})
    expect(page.get_by_role("heading", name="Head 12-1", exact=True)).to_be_visible()


def choose_live(page: Page) -> None:
    page.locator(".st-key-live_threshold").wait_for()
    page.locator(".st-key-live_kind").get_by_text("Sequence", exact=True).click()
    sequence = page.locator(".st-key-live_letters textarea")
    sequence.fill(f">mine\n{load_example('1MVO').longest.sequence}")
    sequence.press("Control+Enter")
    page.get_by_text("mine: 121 residues").wait_for()
    select(page, "live_head", "4")
    push(page, "live_threshold", "ArrowLeft")
    select(page, "live_also", "1-2")


def choose_amino_acids(page: Page) -> None:
    select(page, "amino_acids_amino_acid", "Trypt")
    press(page, "amino_acids_order", "Alphabet")
    press(page, "amino_acids_scale", "Shared")


def choose_substitution(page: Page) -> None:
    select(page, "substitution_source", "TapeBert, published")
    press(page, "substitution_order", "Alphabet")
    press(page, "substitution_shown", "Difference")


def choose_layers(page: Page) -> None:
    select(page, "layers_source", "own_model")
    press(page, "layers_axis", "Relative depth")
    push(page, "layers_threshold", "ArrowRight")


def choose_compare(page: Page) -> None:
    select(page, "compare_feature", "Binding")
    press(page, "compare_view", "Head by head too")
    with another_address(page):
        page.get_by_role("button", name="Swap").click()


def choose_alignments(page: Page) -> None:
    press(page, "alignments_control", "Within rows")
    press(page, "alignments_table", "On")


def choose_contacts(page: Page) -> None:
    press(page, "contacts_separation", "6 or more")
    press(page, "contacts_shown", "Precision alone")
    select(page, "contacts_method", "regression, fitted")


def two_chains() -> str:
    """A structure of one example as the chains A and B."""
    text = load_example("1MVO").structure_text
    atoms = [line for line in text.splitlines() if line.startswith("ATOM")]
    return "\n".join([*atoms, *(f"{line[:21]}B{line[22:]}" for line in atoms)])


CHOICES = {
    "Heads": choose_heads,
    "Live": choose_live,
    "Amino acids": choose_amino_acids,
    "Substitution": choose_substitution,
    "Layers": choose_layers,
    "Compare": choose_compare,
    "Alignments": choose_alignments,
    "Contacts": choose_contacts,
}


def every_way(names: tuple[str, ...]) -> list[str]:
    """Walk from each page to each other one exactly once, and end where it began."""
    left = {one: [other for other in names if other != one] for one in names}
    walk, way = [], [names[0]]
    while way:
        if left[way[-1]]:
            way.append(left[way[-1]].pop())
        else:
            walk.append(way.pop())
    return walk[::-1]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context.new_page()
    context.close()


def test_choices_are_kept_from_every_page_to_every_other_and_back(page: Page, server: str) -> None:
    walk = every_way(NAMES)
    pairs = set(itertools.pairwise(walk))
    assert len(pairs) == len(walk) - 1 == len(NAMES) * (len(NAMES) - 1)
    page.goto(server)
    states = {}
    for name in NAMES:
        if name != "Home":
            go(page, name)
        if name in CHOICES:
            before = json.loads(shown(page))
            CHOICES[name](page)
            after = json.loads(shown(page))
            assert before[1] != after[1]
            assert before[2] != after[2]
        states[name] = shown(page)
    half = len(walk) // 2  # Chromium keeps 50 pages to go back to
    go(page, walk[0])
    for steps in (walk[: half + 1], walk[half:]):
        for name in steps[1:]:
            go(page, name)
            expect_shown(page, states[name])
        for name in steps[-2::-1]:
            page.go_back()
            expect_shown(page, states[name])
        for name in steps[1:6]:
            page.go_forward()
            expect_shown(page, states[name])
        page.evaluate("steps => history.go(steps)", len(steps) - 6)
        expect_shown(page, states[steps[-1]])


def test_the_menus_own_entry_begins_the_page_anew(page: Page, server: str) -> None:
    """The page and its address agree then, and Back leads to what was chosen."""
    page.goto(f"{server}/Layers")
    depth = page.get_by_role("radio", name="Relative depth")
    press(page, "layers_axis", "Relative depth")
    page.wait_for_url("**/Layers?axis=depth")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Layers", exact=True).click()
    expect(depth).not_to_be_checked()
    page.wait_for_url("**/Layers")
    drawn(page)
    assert page.url.endswith("/Layers")
    expect(depth).not_to_be_checked()
    page.go_back()
    expect(depth).to_be_checked()
    assert page.url.endswith("/Layers?axis=depth")
    page.go_forward()
    expect(depth).not_to_be_checked()
    assert page.url.endswith("/Layers")


def test_a_file_and_what_is_out_of_sight_are_kept(page: Page, server: str) -> None:
    page.goto(f"{server}/Live?threshold=0.1")
    page.locator(".st-key-live_threshold").wait_for()
    select(page, "live_by", "Arcs that end")
    chosen = page.locator(".st-key-live_selection input")
    chosen.fill("45-60")
    with another_address(page):
        chosen.press("Enter")
    select(page, "live_by", "Helix")  # the text is not drawn now
    page.get_by_role("button", name="Take the map along").click()
    page.get_by_text("PNG 600", exact=True).click()
    expect(page.get_by_role("button", name="Figure, PNG 600")).to_be_visible()
    page.keyboard.press("Escape")
    with another_address(page):
        drop(page, two_chains())
    page.get_by_text("mine.pdb, chain A").wait_for()
    pick(page, "live_own_chain", "B")
    expect(page.get_by_text("mine.pdb, chain B")).to_be_visible()

    go(page, "Heads")
    go(page, "Live")
    expect(page.get_by_text("mine.pdb, chain B")).to_be_visible()
    expect(page.get_by_text("mine.pdb is kept for this visit.")).to_be_visible()
    assert page.url.endswith("/Live?kind=upload&threshold=0.10&by=secondary_structure%3Ahelix")
    page.go_back()
    page.locator(".st-key-heads_feature").wait_for()
    page.go_forward()
    expect(page.get_by_text("mine.pdb, chain B")).to_be_visible()

    press(page, "live_kind", "Example")
    page.get_by_role("button", name="Take the map along").click()
    expect(page.get_by_role("button", name="Figure, PNG 600")).to_be_visible()
    page.keyboard.press("Escape")
    select(page, "live_by", "Arcs that end")
    expect(chosen).to_have_value("45-60")

    press(page, "live_kind", "File")
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text(NO_FILE)).to_be_visible()
    expect(page.get_by_text("mine.pdb, chain B")).to_have_count(0)


def test_the_address_of_another_visitors_file_says_so(page: Page, server: str) -> None:
    page.goto(f"{server}/Live?kind=upload")
    expect(page.get_by_text(NO_FILE)).to_be_visible()
    expect(page.get_by_text("1MVO")).to_have_count(0)
