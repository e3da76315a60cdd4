"""Results behind s3://, as the pages read them from a real server (moto's)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests import measured
from tests.browser.test_pages import read_head, visit
from tests.store import store

pytestmark = pytest.mark.browser


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty bucket."""
    with store(monkeypatch, "atlas-pages") as started:
        yield started.url


def test_results_written_to_s3_are_on_the_page(
    bucket: str, browser: Browser, fresh_server: Callable[..., str]
) -> None:
    folder = f"{bucket}/group/results"
    measured.write_results(folder)
    query = "feature=binding_site&models=tape_bert&head=tape_bert.11.6"
    page = visit(browser, f"{fresh_server(folder)}/Heads?{query}", 2)
    expect(page.get_by_text("heads with both values")).to_be_visible()
    assert read_head(page)["binding_site"][-2] in ("yes", "no")
    page.context.close()


def test_a_bucket_that_is_not_there_is_one_sentence(
    bucket: str, browser: Browser, fresh_server: Callable[..., str]
) -> None:
    page = visit(browser, f"{fresh_server(bucket + '-missing/results')}/Heads", 1)
    alert = page.locator('[role="alert"]').filter(has_text="atlas-pages-missing")
    expect(alert).to_have_count(1)
    page.context.close()
