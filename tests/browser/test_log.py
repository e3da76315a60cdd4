"""What the server writes while visitors bring proteins: lines of numbers, and nothing of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.live_app import glycines, served
from tests.browser.test_live_bad_input import NOWHERE, choose

pytestmark = pytest.mark.browser

SERVE = (Path(__file__).parents[2] / "serve.py").read_text()
PLAIN = (Path(__file__).parents[2] / "streamlit_app.py").read_text()
SEQUENCE = "MKWVTFISLLFLFSSAYSRGVFRRDAHKSE"
HEADER, NAME, ENTRY, QUERY = "Unpublished construct", "patient_0815.fasta", "9ZZ7", "WWWQQQWWW"
SECRETS = (SEQUENCE, SEQUENCE.lower(), HEADER, "patient_0815", ENTRY, QUERY, "GLY A")
LINE = r"time=\S+ event=(run|live|upload|download)( [a-z]+=(\S+|\"[^\"]*\"))+"

RAISING = f"""
import warnings
from dashboard.pages.live import asking, own

def raise_it(*given):
    warnings.warn(repr(given))
    try:
        raise KeyError(repr(given))
    except KeyError as error:
        raise ValueError(str(given)) from error

own.readers.read = asking.open_source = raise_it
{SERVE}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def bring(page: Page, root: str) -> None:
    """Bring proteins in every way."""
    page.goto(f"{root}Live?protein=pdb:{ENTRY}&note={QUERY}")
    settled(page)
    page.goto(f"{root}{QUERY}")
    settled(page)
    page.goto(f"{root}Live?protein=example:{QUERY}&chain={SEQUENCE}")
    settled(page)
    choose(page, "Sequence")
    page.locator("textarea").fill(f">{HEADER}\n{SEQUENCE}")
    page.locator("textarea").press("Control+Enter")
    settled(page)
    choose(page, "File")
    settled(page)
    for name, content in (
        (NAME, f">{HEADER}\n{SEQUENCE}"),
        (NAME.replace("fasta", "pdb"), glycines(20)),
        (NAME.replace("fasta", "cif"), f"data_{HEADER}\nloop_\n_atom_site.id {SEQUENCE}"),
        (NAME.replace("fasta", "pdb.gz"), SEQUENCE),
    ):
        file = {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.locator("input[type=file]").set_input_files(file)
        settled(page)


def settled(page: Page) -> None:
    page.wait_for_timeout(300)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def lines_of(folder: Path) -> list[str]:
    return re.findall(r"^time=.*$", (folder / "log").read_text(), re.M)


def test_a_line_a_request_and_nothing_of_a_visitor(page: Page, tmp_path: Path) -> None:
    settings = {"ATLAS_RCSB_URL": NOWHERE, "ATLAS_CACHE": str(tmp_path / "cache")}
    with served(tmp_path, library=False, script="serve.py", settings=settings) as root:
        bring(page, root)
        page.goto(f"{root}Live")
        page.locator(".st-key-live_heads").wait_for()
        settled(page)
    log = (tmp_path / "log").read_text()
    assert [secret for secret in SECRETS if secret in log] == []
    assert "Traceback" not in log
    lines = lines_of(tmp_path)
    assert [line for line in lines if not re.fullmatch(LINE, line)] == []
    runs = [line for line in lines if "event=run" in line]
    assert any("page=Live outcome=done" in line for line in runs)
    assert any("page=unknown" in line for line in runs)
    done = [line for line in lines if "event=live" in line and "outcome=done" in line]
    assert any(
        re.search(r"model=demo residues=\d+ .*seconds=[\d.]+ ahead=\d", line) for line in done
    )
    # A visit has one name in all its lines.
    visits = {line.rpartition("session=")[2] for line in runs}
    assert {line.rpartition("session=")[2] for line in done} <= visits
    uploads = [line for line in lines if "event=upload" in line]
    assert len([line for line in uploads if "method=PUT status=204" in line]) == 4


@pytest.mark.parametrize("script", ["serve.py", "streamlit_app.py"])
def test_an_error_is_written_without_its_message(page: Page, tmp_path: Path, script: str) -> None:
    entry = RAISING if script == "serve.py" else RAISING.replace(SERVE, PLAIN)
    with served(tmp_path, library=False, script=script, entry=entry) as root:
        page.goto(root)  # of the plain entry the first page is what changes the others
        settled(page)
        bring(page, root)
    log = (tmp_path / "log").read_text()
    assert [secret for secret in SECRETS if secret in log] == []
    assert log.count("\nValueError\n") >= 5
    assert log.count("\nKeyError\n") >= 5
    assert "UserWarning" in log
    assert "raise_it" in log  # where it was raised is told
    assert ("outcome=failed" in log) == (script == "serve.py")


def test_the_log_can_be_switched_off(page: Page, tmp_path: Path) -> None:
    with served(tmp_path, library=False, script="serve.py", settings={"ATLAS_LOG": "0"}) as root:
        page.goto(f"{root}Methods")
        settled(page)
    assert lines_of(tmp_path) == []
