"""The Layers page in real Chromium: deep link, change, download, pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, expect

from precompute.published import read_published
from precompute.tables import PUBLISHED_LAYER_MEANS
from tests.browser.conftest import settle
from tests.browser.test_pages import download, picture, visit

pytestmark = pytest.mark.browser

PANELS = ".st-key-layers_chart .atlas-chart[data-state=drawn]"
TITLES = ".st-key-layers_chart .annotation-text"
READ = """(chart) => chart.querySelector(".js-plotly-plot")._fullData
  .map((trace) => ({y: [...trace.y], said: trace.hovertext}))"""
FIVE = "&".join(
    f"source={model}:published"
    for model in ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_deep_link_is_the_first_request(
    scheme: str, browser: Browser, fresh_server: Callable[..., str]
) -> None:
    page = visit(browser, f"{fresh_server()}/Layers?{FIVE}&feature=contact", color_scheme=scheme)
    expect(page.locator(TITLES)).to_have_count(5)
    expect(page.get_by_text("centre 8.22 (").first).to_be_visible()
    expect(page.get_by_text("Loaded results")).to_be_visible()
    picture(page, f"layers-five-{scheme}")
    page.context.close()


def test_a_change_is_drawn_and_its_address_restores_it(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Layers")
    expect(page.locator(TITLES)).to_have_count(5)
    picture(page, "layers-light")
    page.get_by_role("radio", name="Relative depth").or_(
        page.get_by_role("button", name="Relative depth")
    ).first.click()
    expect(page.get_by_text("relative depth", exact=True)).to_have_count(5)
    page.wait_for_function("() => location.search === '?axis=depth'")
    page.reload()
    settle(page)
    expect(page.get_by_text("relative depth", exact=True)).to_have_count(5)
    page.go_back()
    expect(page.get_by_text("relative depth", exact=True)).to_have_count(0)
    page.context.close()


def test_the_table_is_what_is_drawn(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Layers?source=tape_bert:published")
    page.get_by_role("button", name="Definition and table").click()
    expect(page.get_by_text("Centre of gravity", exact=True)).to_be_visible()
    table = pd.read_csv(io.BytesIO(download(page, "Layers, CSV")))
    paper = read_published(PUBLISHED_LAYER_MEANS)
    both = table.merge(paper, on=["model", "feature", "layer"], suffixes=("", "_paper"))
    assert len(both) == len(paper) == 60
    np.testing.assert_allclose(both["mean_percent"], both["mean_percent_paper"])
    drawn = page.locator(PANELS).evaluate(READ)
    for (_, own), trace in zip(table.groupby("feature", sort=False), drawn[::2], strict=True):
        np.testing.assert_allclose(trace["y"], own["mean_percent"], rtol=1e-6)
        for words, row in zip(trace["said"], own.itertuples(), strict=True):
            assert words.startswith(f"layer {row.layer}<br>mean {row.mean_percent:.2f} %")
    page.context.close()


def test_panels_fill_the_row_and_break_where_it_ends(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Layers", viewport={"width": 1280, "height": 900})
    titles = page.locator(TITLES)
    expect(titles).to_have_count(5)
    places = [box for box in map(Locator.bounding_box, titles.all()) if box]
    assert len({round(box["y"]) for box in places}) == 1
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function(
        "(s) => new Set([...document.querySelectorAll(s)].map("
        "(one) => Math.round(one.getBoundingClientRect().left))).size === 1",
        arg=TITLES,
    )
    places = [box for box in map(Locator.bounding_box, titles.all()) if box]
    assert [box["y"] for box in places] == sorted({box["y"] for box in places})
    assert len(places) == 5
    page.context.close()


def test_a_zoomed_panel_stays_so_when_another_is_added(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Layers")
    chart = page.locator(f"{PANELS} .js-plotly-plot")
    box = chart.locator(".nsewdrag[data-subplot=x5y9]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12, steps=4)
    page.mouse.up()
    ranges = "(plot) => plot._fullLayout.xaxis5.range.map((end) => Math.round(end))"
    page.wait_for_function(
        "(s) => document.querySelector(s)._fullLayout.xaxis5.range[1] < 8",
        arg=f"{PANELS} .js-plotly-plot",
    )
    zoomed = chart.evaluate(ranges)
    page.locator(".st-key-layers_scale").get_by_text("Shared", exact=True).click()
    page.wait_for_function("() => location.search.includes('scale=shared')")
    expect(page.locator(PANELS)).to_be_visible()
    assert chart.evaluate(ranges) == zoomed
    page.context.close()


def test_nothing_is_cut_off_at_800_pixels(browser: Browser, server: str) -> None:
    page = visit(
        browser, f"{server}/Layers?{FIVE}&feature=contact", viewport={"width": 800, "height": 900}
    )
    wide = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth - main.clientWidth }"
    )
    assert wide <= 0
    picture(page, "layers-800")
    page.context.close()
