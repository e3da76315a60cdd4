"""An instance as a lab hosts it, in real Chromium: nginx before two processes, one of them ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks.browser import ready
from benchmarks.instance import Instance, serve_instance
from benchmarks.pages import VISITS, Visit
from tests.browser.live_app import attended, drop, glycines, require_library, wait_for
from tests.browser.test_live import button, saved
from tests.proxied import ask, require_nginx, seat

pytestmark = pytest.mark.browser

BESIDE = "Layers?source=tape_bert:published&source=prot_bert:published&axis=depth"
LINK = "Compare?first=prot_albert:published&second=prot_xlnet:published&feature=amino_acid:P"


@pytest.fixture(scope="module")
def log(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nginx writes a line for each request, with the process that answered."""
    return tmp_path_factory.mktemp("proxy") / "access.log"


@pytest.fixture(scope="module")
def instance(log: Path) -> Iterator[Instance]:
    require_library()
    require_nginx()
    with serve_instance(2, changed={"/dev/stdout": str(log)}) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context
    context.close()


def complaints(page: Page) -> list[str]:
    """Collect what the policy refuses, what fails to load and what scripts throw."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if bad(message.text) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            # Streamlit looks for its address below the page's own name first.
            said.append(f"{answer.status} {answer.url}")
            if answer.status >= 400
            and not re.search(r"/\w+/_stcore/(health|host-config)$", answer.url)
            else None
        ),
    )
    return said


def bad(text: str) -> bool:
    return "Content Security Policy" in text or "BidiComponent Error" in text


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
def test_every_page_draws_by_its_link_under_the_policy(
    visitor: BrowserContext, instance: Instance, visit: Visit
) -> None:
    page = visitor.new_page()
    said = complaints(page)
    ready(page, f"{instance.address}{visit.path}", visit.condition, 1)
    assert said == []


def test_uploads_and_downloads_stay_with_the_visitor_s_process(
    visitor: BrowserContext, instance: Instance, log: Path, tmp_path: Path
) -> None:
    page = visitor.new_page()
    said = complaints(page)
    page.goto(f"{instance.address}/Live")
    attended(page)
    page.get_by_text("Arcs and scene for other programs").click()
    assert saved(page, button(page, "Arcs, CSV"), tmp_path).read_text().startswith("i,j,chain,")
    for number in range(3):  # as many as there would have to be, were it left to chance
        page.goto(f"{instance.address}/Live")
        attended(page)
        drop(page, glycines(30 + number), f"mine{number}.pdb")
        wait_for(page, "ready", 30 + number)
    assert said == []
    uploads = [
        line.split()
        for line in log.read_text().splitlines()
        if " PUT /_stcore/upload_file/" in line
    ]
    assert len(uploads) == 3
    assert {line[4] for line in uploads} == {"204"}
    assert len({line[-1] for line in uploads}) == 1
    media = [line.split() for line in log.read_text().splitlines() if " GET /media/" in line]
    # Chromium asks twice for what it saves, and may hang up on one of the two: nginx's 499. A
    # process that does not have the file would answer 404.
    answers = {line[4] for line in media}
    assert "200" in answers
    assert answers <= {"200", "499"}


def test_who_was_at_a_process_that_ends_comes_back_to_the_same_page(
    browser: Browser, tmp_path: Path
) -> None:
    require_nginx()
    with serve_instance(2) as instance:
        contexts: dict[str, BrowserContext] = {}
        while len(contexts) < 2:
            context = browser.new_context(viewport={"width": 1280, "height": 1000})
            page = context.new_page()
            page.goto(f"{instance.address}/{LINK}")
            expect(
                page.locator('[aria-label^="Cumulative distribution of Proline"]')
            ).to_be_visible()
            contexts.setdefault(seat(context), context)
        gone, stays = contexts["first"].pages[0], contexts["second"].pages[0]
        choose(gone, "Leucine")
        address = gone.url
        assert "amino_acid%3AL" in address or "amino_acid:L" in address
        own = contexts["first"].new_page()
        own.goto(f"{instance.address}/Live")
        attended(own)
        drop(own, glycines(33))
        wait_for(own, "ready", 33)
        for page in (gone, stays, own):
            page.evaluate("window.atlasSame = true")
        os.kill(instance.servers[0].pid, signal.SIGKILL)
        # The browser comes back by itself: nothing is loaded anew, and nothing is asked.
        wait_for_seat(contexts["first"], "second")
        expect(gone.locator('[data-testid="stApp"]')).to_have_attribute(
            "data-test-connection-state", "CONNECTED"
        )
        assert gone.url == address
        expect(gone.locator('[aria-label^="Cumulative distribution of Leucine"]')).to_be_visible()
        expect(gone.get_by_role("dialog")).to_have_count(0)
        choose(gone, "Tryptophan")
        choose(stays, "Glycine")
        # A file is in no address: the page asks for it, and takes it where the visitor is now.
        expect(own.get_by_text("No address holds a file of your own")).to_be_visible()
        drop(own, glycines(34), "again.pdb")
        wait_for(own, "ready", 34)
        for page in (gone, stays, own):
            assert page.evaluate("window.atlasSame") is True
        for context in contexts.values():
            context.close()


def choose(page: Page, name: str) -> None:
    """Choose another property on Compare, and wait until it is drawn."""
    page.locator(".st-key-compare_feature input").first.click()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator(f'[aria-label^="Cumulative distribution of {name}"]')).to_be_visible()


def wait_for_seat(context: BrowserContext, name: str) -> None:
    for _ in range(300):
        if seat(context) == name:
            return
        context.pages[0].wait_for_timeout(100)
    pytest.fail(f"never moved to {name}")


def test_below_a_path_and_with_tls(browser: Browser, tmp_path: Path) -> None:
    require_library()
    require_nginx()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    port = 8443
    with serve_instance(
        2,
        changed={
            "#tls ": "",
            "listen 8443": f"listen 127.0.0.1:{port}",
            "/certificates/fullchain.pem": str(certificate),
            "/certificates/privkey.pem": str(key),
        },
        STREAMLIT_SERVER_BASE_URL_PATH="lab/atlas",
    ) as instance:
        assert instance.address.endswith("/lab/atlas")
        assert ask(instance.address, "/_stcore/metrics").status == 404
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        said = complaints(page)
        answer = page.goto(f"https://127.0.0.1:{port}/lab/atlas/Live?protein=example:1MVO")
        assert answer is not None
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        attended(page)
        assert [one["secure"] for one in context.cookies() if "atlas" in str(one.get("name"))] == [
            True
        ]
        drop(page, glycines(31))
        wait_for(page, "ready", 31)
        assert said == []
        context.close()
