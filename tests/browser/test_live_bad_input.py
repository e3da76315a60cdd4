"""What is no protein is one clear sentence in real Chromium, and the page goes on."""

from __future__ import annotations

import gzip
import string
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.live_app import glycines, require_library, served
from tests.dashboard.test_molecule import pdb_atom

pytestmark = pytest.mark.browser

NOWHERE = "http://127.0.0.1:9"
"""Discard's port: nobody listens there, and the answer comes at once."""
SETTINGS = {
    "ATLAS_RCSB_URL": NOWHERE,
    "ATLAS_ALPHAFOLD_URL": NOWHERE,
    "ATLAS_MAX_UPLOAD": "2",
    "HF_ENDPOINT": NOWHERE,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


class Folding(BaseHTTPRequestHandler):
    """A folding service that gives the same ten glycines for every sequence."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        content = glycines(10).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def folding() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Folding)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/fold"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def here(browser: Browser, folder: Path, folding: str) -> Iterator[str]:
    require_library()
    settings = {
        **SETTINGS,
        "ATLAS_ESMFOLD_URL": folding,
        "ATLAS_CACHE": str(folder / "cache"),
        "HF_HOME": str(folder / "hub"),
    }
    with served(folder, library=True, settings=settings) as root:
        yield root
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    opened = context.new_page()
    dialogs: list[str] = []
    opened.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield opened
    assert dialogs == []
    assert opened.locator("[data-testid=stException]").count() == 0
    context.close()


def choose(page: Page, kind: str) -> None:
    page.get_by_text(kind, exact=True).first.click()


def test_sequences(page: Page, here: str) -> None:
    page.goto(f"{here}Live")
    choose(page, "Sequence")
    page.get_by_text("There is no sequence yet").wait_for()
    residues = "ACDEFGHIKLMNPQRSTVWY" * 3
    attack = "<script>document.title='broken'</script><img src=x onerror=alert(1)>"
    for text, sentence in (
        (residues * 25, "The sequence has 1,500 residues and this dashboard takes 1,024"),
        ("ATGGCTAGCTAGCTAACGATCGATCG", "has the letters of DNA or RNA alone"),
        ("MKV1LATT2AGHEQ", "take the numbers out"),
        ("MKV--LATTAGHEQ", "take the gaps out"),
        ("M", "The sequence has one residue"),
        (">only", "The sequence of only is empty."),
        (residues.lower(), "Small letters were read as capitals."),
        (
            "".join(f">record{number}\n{residues}\n" for number in range(500)),
            "The text has 500 records; the first 100 can be chosen.",
        ),
        (f">{attack}\n{residues}", "document.title='broken'"),
    ):
        page.locator("textarea").fill(text)
        page.locator("textarea").press("Control+Enter")
        page.get_by_text(sentence).first.wait_for()
    assert page.title() != "broken"
    assert page.locator("img[src=x]").count() == 0


def test_a_structure_of_another_sequence_is_refused_and_the_right_one_shown(
    page: Page, here: str
) -> None:
    page.goto(f"{here}Live")
    choose(page, "Sequence")
    for sequence, sentence in (
        ("MKVLATTAGHEQ", "No chain of folded.pdb has this sequence of 12 residues"),
        ("G" * 10, "The structure is a prediction from this sequence"),
    ):
        page.locator("textarea").fill(sequence)
        page.locator("textarea").press("Control+Enter")
        page.get_by_text(f"sequence: {len(sequence)} residues").wait_for()
        page.get_by_role("button", name="Fold it").first.click()
        page.get_by_text(sentence).first.wait_for()
    page.locator(".molecule[data-state=ready][data-atoms='10']").wait_for()


def test_files(page: Page, here: str) -> None:
    page.goto(f"{here}Live")
    choose(page, "File")
    names = string.ascii_letters + string.digits
    many = "\n".join(glycines(4, name) for name in names)
    broken = "data_x\nloop_\n_atom_site.id\n_atom_site.label_atom_id\nCA 1 CA\n"
    field = page.locator("input[type=file]")
    for name, content, sentence in (
        ("empty.pdb", b"", "empty.pdb is empty"),
        ("backbone.pdb", pdb_atom(1, 1, "A", "N").encode(), "1 chain without a C-alpha atom"),
        ("one.pdb", glycines(1).encode(), "no chain of two residues or more"),
        ("broken.cif", broken.encode(), "broken.cif is not a readable mmCIF file"),
        ("bomb.pdb.gz", gzip.compress(b" " * 40_000_000), "bomb.pdb.gz unpacks to more than 2 MB"),
        ("cut.pdb.gz", gzip.compress(many.encode())[:-20], "cut.pdb.gz is truncated"),
        ("large.pdb", b" " * 3_000_000, "File must be 2.0MB or smaller"),
        ("many.pdb", many.encode(), "many.pdb, chain a: 4 residues"),
    ):
        field.set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
        page.get_by_text(sentence).first.wait_for()
    chains = page.get_by_role("combobox", name="Chain")
    chains.click()
    chains.press_sequentially("9")
    page.get_by_role("option", name="9", exact=True).click()
    page.get_by_text("many.pdb, chain 9: 4 residues").wait_for()


def test_identifiers_services_and_downloads(page: Page, here: str) -> None:
    page.goto(f"{here}Live?protein=pdb:../../etc/passwd")
    page.get_by_text("Ignored protein").wait_for()
    for kind, text, sentence in (
        ("PDB entry", "../../etc/passwd", "is no PDB identifier"),
        ("PDB entry", "9ZZZ", "The PDB's server cannot be reached from here"),
        ("UniProt", "../P69905", "is no UniProt accession"),
        ("UniProt", "P69905", "AlphaFold DB cannot be reached from here"),
    ):
        choose(page, kind)
        label = "PDB identifier" if kind == "PDB entry" else "UniProt accession"
        field = page.get_by_role("textbox", name=label)
        field.fill(text)
        field.press("Enter")
        page.get_by_text(sentence).first.wait_for()
    page.goto(f"{here}Live?model=tape_bert")
    page.get_by_role("button", name="Compute the attention").click()
    page.get_by_text("TapeBert could not be downloaded to this server").wait_for()
    assert page.get_by_role("button", name="Compute the attention").count() == 0
