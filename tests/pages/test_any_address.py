"""Whatever stands in an address, a page shows what it can and says what it ignores."""

from __future__ import annotations

import random
import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.page.address import Choices
from dashboard.page.opening import HOME_PAGE, PAGES
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.live.arcs import DIRECTIONS
from tests.pages.test_changes import said, visit
from tests.pages.test_live import settle

FORMATS = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")
JUNK = (
    *("", " ", "x", "x" * 10_000, "9" * 5_000, "0", "-1", "-0", "1e309", "NaN", "inf", "0x1"),
    *("٣", "１", "²", "\0", "a\0b", "\x1b[31m", "\r\n\t", "\u202e", "\ufeff", "\ue000", "🧬" * 99),
    *("%", "%ZZ", "%ff%00", "&=?#", "../../etc/passwd", "<img src=x onerror=alert(1)>"),
    *("[x](javascript:alert(1))", "$x$", ":red[x]", "None", "null", "[]", "{}", "'", '"', "\\"),
)
"""What no parameter takes."""
PLAUSIBLE: dict[str, tuple[str, ...]] = {
    "protein": ("example:1MVO", "example:0AAA", "example:", "pdb:", "uniprot:x", "upload:mine"),
    "kind": ("example", "pdb", "uniprot", "upload", "sequence"),
    "chain": ("A", "ZZZ", "-", "*", "."),
    "layer": ("1", "6", "999"),
    "head": ("1", "12", "999", "1.1", "999.9999", "prot_bert_bfd.30.9", "tape_bert.1.1"),
    "also": ("1-1", "1-2", "1-3", "6-12", "999-999"),
    "threshold": ("0.02", "0.1", "0.30", ".6", "0.90"),
    "direction": tuple(DIRECTIONS),
    "residue": ("1", "97", "-99999Z", "#0", "#1", "#99999", "51A", "٣"),
    "by": ("contact", "marked", "selection", "amino_acid:W", "binding_site"),
    "selection": ("45-60", "60-45", "-", "--", ",;:", "1--1", "1-99999", "A", "99999999999", "–"),
    "source": ("tape_bert:published", "prot_albert:published", "x:y", "own_model:"),
    "models": ("tape_bert", "prot_bert", "prot_albert", "prot_bert_bfd", "prot_xlnet", "demo"),
    "feature": ("contact", "binding_site", "amino_acid:P", "secondary_structure:helix"),
    "first": ("tape_bert:published", "prot_bert:published"),
    "second": ("tape_bert:published", "prot_xlnet:published"),
    "control": ("columns", "covariance", "rows", "shuffled"),
    "definition": ("published", "corrected", "published_cls", "Published"),
    "matrix": ("BLOSUM62", "PAM30", "blosum62"),
}
"""What looks right; some of it is there and some is not."""
UNKNOWN = ("unknown", "x" * 10_000, "\0", "__proto__", "_stcore", "Model")
ADDRESSES = {"Home": 2, "Methods": 2, "Live": 24}
"""Random addresses of a page, where they are not six."""


@pytest.fixture(scope="module")
def names() -> dict[str, tuple[str, ...]]:
    """The parameters of every page, as the pages themselves list them."""
    found: dict[str, tuple[str, ...]] = {}
    arrive = Choices._arrive

    def note(self: Choices) -> None:
        found[self.page] = tuple(self.parameters)
        arrive(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RESULTS_VARIABLE, "")
        patch.setattr(Choices, "_arrive", note)
        for path in PAGES:
            visit(Path(path).stem if path != HOME_PAGE else "", {})
    return found


def draw(random_: random.Random, parameters: tuple[str, ...]) -> dict[str, list[str]]:
    """Draw an address: some of a page's parameters, each once or several times."""
    drawn: dict[str, list[str]] = {}
    for name in parameters:
        kinds = [JUNK, PLAUSIBLE.get(name, JUNK), PLAUSIBLE.get(name, JUNK)]
        if random_.random() < 0.6:
            drawn[name] = [
                random_.choice(random_.choice(kinds)) for _ in range(random_.choice((1, 1, 2, 7)))
            ]
    if random_.random() < 0.4:
        drawn[random_.choice(UNKNOWN)] = [random_.choice(JUNK)]
    return drawn


def check(page: str, address: dict[str, list[str]]) -> AppTest:
    app = visit(page, address)
    for element in app.get("html"):
        assert "<img" not in element.proto.body
        assert "Traceback" not in element.proto.body
    return app


@pytest.mark.parametrize("path", PAGES)
def test_any_address_is_a_page(
    path: str, names: dict[str, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    page = Path(path).stem if path != HOME_PAGE else ""
    parameters = names.get(PAGES[path].label.lower().replace(" ", "_"), ())
    assert bool(parameters) == (PAGES[path].label not in ("Home", "Methods"))
    if PAGES[path].label == "Live":
        settle(visit(page, {}))  # from here on the example's attention is there at once
    check(page, {name: [""] for name in parameters})
    check(page, {name: ["", ""] for name in parameters})
    drawn = 0
    for seed in range(ADDRESSES.get(PAGES[path].label, 6)):
        app = check(page, draw(random.Random(seed), parameters))
        drawn += any(box.label == "Compare heads by" for box in app.selectbox)
    assert drawn > 3 or PAGES[path].label != "Live"


def documented_names() -> dict[str, tuple[str, ...]]:
    """The parameters of every page, as docs/formats.md lists them."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", FORMATS, re.M)
    return {page.lower(): tuple(re.findall(r"`(\w+)`", cell)) for page, cell in rows}


def test_the_documents_name_every_parameter(names: dict[str, tuple[str, ...]]) -> None:
    assert {page: found for page, found in documented_names().items() if page in names} == names


@pytest.mark.parametrize("link", re.findall(r"^[A-Z]\w+\?\S+$", FORMATS, re.M))
def test_a_documented_link_is_understood(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    page, _, query = link.partition("?")
    file = next(Path(path).stem for path in PAGES if path.endswith(f"_{page}.py"))
    assert "gnored" not in said(visit(file, parse_qs(query)), "status")
