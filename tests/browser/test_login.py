"""A login by OpenID Connect, with a provider of our own on loopback, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.instance import serve_instance
from benchmarks.server import ATLAS, free_port, serve
from dashboard.health import check_page, visit
from dashboard.page.login import LOGIN_VARIABLE
from dashboard.page.opening import PAGES
from tests.browser.conftest import settle
from tests.oidc import PERSON, Provider, serve_provider
from tests.proxied import require_nginx, seat

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
    expect(page.get_by_role("button", name="Log in").first).to_be_visible()
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
        way_back = [] if page.label == "Home" else ["bidi_component"]
        assert told(guarded, name) == ["markdown", "text", "button", *way_back], name
    check_page(guarded, "", 60)  # what looks after the server finds it well

    ada = visitors()
    ada.goto(f"{guarded}/Layers?axis=depth")
    asked(ada)
    ada.get_by_role("button", name="Log in").click()
    expect(ada.get_by_text(PERSON["email"])).to_be_visible()
    assert provider.asked.count("/token") == 1
    expect(ada).to_have_url(f"{guarded}/Layers?axis=depth")  # one comes back to where one was
    expect(ada.get_by_role("heading", name="Layers")).to_be_visible()
    expect(ada.locator(".atlas-chart[data-state=drawn]").first).to_be_visible()
    assert ada.get_by_role("radio", name="depth").first.is_checked()
    ada.goto(f"{guarded}/Heads")  # and every link from now on
    expect(ada.get_by_role("heading", name="Heads", exact=True)).to_be_visible()
    ada.goto(guarded)  # Home leads on once
    expect(ada.get_by_role("heading", name="Protein Attention Atlas")).to_be_visible()
    settle(ada)
    assert ada.url.rstrip("/") == guarded

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
    page.goto(f"{guarded}/Heads?models=tape_bert:published")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda address: address.startswith(guarded) and "Heads" not in address)
    asked(page)
    provider.refuses = False
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{guarded}/Heads?models=tape_bert:published")
    expect(page.get_by_text(PERSON["email"])).to_be_visible()


def test_who_is_let_in_by_another_tab_is_led_nowhere(
    guarded: str, visitors: Callable[[], Page]
) -> None:
    waiting = visitors()
    waiting.goto(f"{guarded}/Layers?axis=depth")
    asked(waiting)
    other = waiting.context.new_page()
    other.goto(guarded)
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_text(PERSON["email"])).to_be_visible()
    waiting.reload()
    expect(waiting.get_by_text(PERSON["email"])).to_be_visible()
    settle(waiting)
    waiting.get_by_role("link", name="Home", exact=True).click()
    expect(waiting.get_by_role("heading", name="Protein Attention Atlas")).to_be_visible()
    settle(waiting)
    waiting.wait_for_timeout(2000)  # it would have been led back by now
    assert waiting.url.rstrip("/") == guarded


def test_each_of_several_providers_has_a_button(
    provider: Provider, tmp_path: Path, visitors: Callable[[], Page]
) -> None:
    port = free_port()
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets(f"http://127.0.0.1:{port}/", ("campus", "elsewhere")))
    with serve(ATLAS, port=port, STREAMLIT_SECRETS_FILES=str(secrets)) as server:
        page = visitors()
        page.goto(f"{server.address}/Methods")
        asked(page)
        expect(page.get_by_role("button", name="Log in by campus")).to_be_visible()
        page.get_by_role("button", name="Log in by elsewhere").click()
        expect(page.get_by_text(PERSON["email"])).to_be_visible()
        expect(page).to_have_url(f"{server.address}/Methods")


def test_behind_the_proxy_one_login_counts_at_both_processes(
    provider: Provider, tmp_path: Path, visitors: Callable[[], Page]
) -> None:
    require_nginx()
    port = free_port()
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets(f"http://127.0.0.1:{port}/atlas/"))
    variables = {
        "STREAMLIT_SECRETS_FILES": str(secrets),
        "STREAMLIT_SERVER_BASE_URL_PATH": "atlas",
        LOGIN_VARIABLE: "1",
    }
    with serve_instance(2, port=port, **variables) as instance:
        page = visitors()
        page.goto(f"{instance.address}/Layers?axis=depth")
        asked(page)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text(PERSON["email"])).to_be_visible()
        expect(page).to_have_url(f"{instance.address}/Layers?axis=depth")
        first = seat(page.context)
        other = first
        for _ in range(20):  # whoever comes without a seat is given either
            page.context.clear_cookies(name="atlas_process")
            page.goto(f"{instance.address}/Methods")
            expect(page.get_by_text(PERSON["email"])).to_be_visible()
            other = seat(page.context)
            if other != first:
                break
        assert other != first
        assert provider.asked.count("/token") == 1


@pytest.mark.parametrize("written", ["", "[auth\nnot TOML"])
def test_without_its_secrets_a_server_shows_nothing(written: str, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(written)
    variables = {LOGIN_VARIABLE: "1", "STREAMLIT_SECRETS_FILES": str(secrets)}
    with serve(ATLAS, **variables) as server:
        assert told(server.address, "Heads") == ["markdown", "text"]
