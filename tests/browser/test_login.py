"""A login by OpenID Connect, with a provider of our own on loopback, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import ATLAS, free_port, serve
from dashboard.health import check_page, visit
from dashboard.page.login import LOGIN_VARIABLE
from dashboard.page.opening import PAGES
from tests.browser.conftest import settle
from tests.oidc import PERSON, Provider, serve_provider

pytestmark = pytest.mark.browser


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serve_provider() as provider:
        yield provider


@pytest.fixture
def guarded(provider: Provider, tmp_path: Path) -> Iterator[str]:
    """The address of a dashboard that asks the provider."""
    port = free_port()
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets(f"http://127.0.0.1:{port}/"))
    with serve(ATLAS, port=port, STREAMLIT_SECRETS_FILES=str(secrets)) as server:
        yield server.address


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Callable[[], Page]]:
    contexts = []

    def come() -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        return contexts[-1].new_page()

    yield come
    for context in contexts:
        context.close()


def asked(page: Page) -> None:
    """Wait for the way to log in; nothing else is there."""
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    settle(page)
    assert page.get_by_text("Loaded results").count() == 0
    assert page.locator(".atlas-chart, .molecule, [data-testid=stPageLink]").count() == 0


def told(address: str, page: str) -> list[str]:
    """Name the elements that a page sends to whoever has not logged in."""
    deltas = (message.delta for message in visit(address, page, 60) if message.HasField("delta"))
    return [
        one.new_element.WhichOneof("type")
        for one in deltas
        if one.WhichOneof("type") != "add_block"
    ]


def test_nobody_sees_a_page_who_has_not_logged_in(
    guarded: str, provider: Provider, visitors: Callable[[], Page]
) -> None:
    for path, page in PAGES.items():
        name = "" if page.label == "Home" else Path(path).stem.partition("_")[2]
        assert told(guarded, name) == ["markdown", "text", "button"], name
    check_page(guarded, "", 60)  # what looks after the server finds it well

    ada = visitors()
    ada.goto(f"{guarded}/Heads")
    asked(ada)
    ada.get_by_role("button", name="Log in").click()
    expect(ada.get_by_text(PERSON["email"])).to_be_visible()
    assert provider.asked.count("/token") == 1
    ada.goto(f"{guarded}/Layers?axis=depth")  # and every link from now on
    expect(ada.get_by_text("Loaded results")).to_be_visible()
    expect(ada.locator(".atlas-chart[data-state=drawn]").first).to_be_visible()

    stranger = visitors()  # another browser is another person
    stranger.goto(f"{guarded}/Layers")
    asked(stranger)

    ada.get_by_role("button", name="Log out").click()
    asked(ada)
    ada.goto(f"{guarded}/Layers")
    asked(ada)


def test_who_is_refused_is_asked_again(
    guarded: str, provider: Provider, visitors: Callable[[], Page]
) -> None:
    provider.refuses = True
    page = visitors()
    page.goto(guarded)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda address: address.startswith(guarded))
    asked(page)


@pytest.mark.parametrize("written", ["", "[auth\nnot TOML"])
def test_without_its_secrets_a_server_shows_nothing(written: str, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(written)
    variables = {LOGIN_VARIABLE: "1", "STREAMLIT_SECRETS_FILES": str(secrets)}
    with serve(ATLAS, **variables) as server:
        assert told(server.address, "Heads") == ["markdown", "text"]
