"""A model and a data set with names full of signs, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import measured
from tests.browser.test_pages import picture, visit

pytestmark = pytest.mark.browser

RUN = "my__model_-binding_sites-0"
DATASET = "a/b__c *d* <i>e</i> :red[f] $g$"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    counted = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)
    row = measured.run_row(RUN, "my__model_", 3, 4, "2026-11-22T00:00:00Z")
    counts = measured.head_counts(counted, RUN, "my__model_").assign(dataset=DATASET)
    background = measured.background(RUN).assign(dataset=DATASET)
    add_run(
        tmp_path / "results",
        row.assign(dataset=DATASET),
        {HEAD_COUNTS: counts, BACKGROUND: background},
    )
    return tmp_path / "results"


def test_a_cell_of_a_model_of_any_name_opens(
    browser: Browser, fresh_server: Callable[..., str], folder: Path
) -> None:
    address = fresh_server(str(folder))
    page = visit(browser, f"{address}/Heads?feature=binding_site&models=my__model_", 1)
    page.locator("[class*=st-key-heatmap] .nsewdrag").first.click(position={"x": 5, "y": 5})
    expect(page.get_by_role("heading", name="Head 3-1", exact=True)).to_be_visible()
    page.wait_for_url("**head=my__model_.3.1")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    picture(page, "heads-any-name")
    for path in (
        f"Layers?feature=binding_site&source=my__model_:{RUN}",
        f"Compare?feature=binding_site&first=my__model_:{RUN}&second=tape_bert:published",
        f"Amino_acids?source=my__model_:{RUN}&head=1.1",
        f"Substitution?source=my__model_:{RUN}",
    ):
        page.goto(f"{address}/{path}")
        page.get_by_text(DATASET).first.wait_for()
        page.wait_for_load_state("networkidle")
        main = page.get_by_test_id("stMain")
        marked = "em, i:not([class]):not([data-testid]):not(.key > i), .katex"
        expect(main.locator(marked)).to_have_count(0)
        picture(page, f"any-name-{path.split('?')[0].lower()}")
    page.context.close()
