"""Files as people have them, one of each kind, given to Live in real Chromium."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import settle
from tests.browser.live_app import require_library, served
from tests.precompute.strange import (
    add,
    change,
    example,
    lines_of,
    near,
    put,
    renamed,
    text_of,
    with_ligand,
)
from tests.precompute.test_placing import apart, components, seqres
from tests.precompute.test_strange_chains import moved, unnamed
from tests.precompute.test_strange_mmcif import NONSENSE, edited, mmcif, put_column, unsaid
from tests.precompute.test_strange_structures import COLUMNS, NUMBERS

pytestmark = pytest.mark.browser

MONOMER, DIMER, HISTIDINE = example("1T8K"), example("2D1L"), example("2ZXJ")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    require_library()
    folder = tmp_path_factory.mktemp("strange")
    with served(folder, library=True) as root:
        yield root
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture(scope="module")
def page(browser: Browser, here: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    opened = context.new_page()
    opened.goto(f"{here}Live")
    opened.get_by_text("File", exact=True).first.click()
    yield opened
    context.close()


def numbered(style: str) -> str:
    seen: dict[str, int] = {}
    return change(
        MONOMER,
        lambda line, _: put(
            line, 23, NUMBERS[style](seen.setdefault(line[21:27], len(seen) + 9_960))
        ),
    )


def sodium(text: str) -> str:
    x, y, z = near(text)
    water = [
        ("ATOM", " OH2", "TIP3", "W", 500, (x, y, z)),
        ("ATOM", " H1 ", "TIP3", "W", 500, (x, y + 1, z)),
    ]
    return add(text, [*water, ("ATOM", "SOD ", "SOD", "I", 501, (x + 1, y, z))])


def strand(text: str) -> str:
    x, y, z = near(text)
    atoms = {" P  ": 0.0, " C4'": 3.2, " O3'": 4.9, " C1'": 3.6}
    return add(
        text,
        [
            ("ATOM", atom, name, "D", number, (x + 6.5 * number + step, y, z))
            for number, name in enumerate(("DG5", "DC3"))
            for atom, step in atoms.items()
        ],
    )


def stars(text: str) -> str:
    return change(text, lambda line, row: put(line, 31, "********") if row < 50 else line)


MODELS = text_of(
    "MODEL        1", lines_of(MONOMER, "A"), "ENDMDL",
    "MODEL        2", moved(lines_of(MONOMER, "A"), 60.0), "ENDMDL", "END",
)  # fmt: skip
LINKER = seqres([*components()[:40], *["GLY"] * 9, *components()[40:]]) + apart(40, 9)

# What is uploaded, under which name, and what the page says of it.
FILES: dict[str, tuple[str, str | bytes, list[str]]] = {
    "residue names": (
        "charmm.pdb",
        renamed(HISTIDINE, {"HIS": ["HSD"]}),
        ["charmm.pdb, chain A", "Residue names of another program: HSD as HIS"],
    ),
    "unknown name": (
        "unknown.pdb",
        renamed(HISTIDINE, {"HIS": ["QQQ"]}),
        ["unknown.pdb, chain A", "Residues of names that nobody knows, read as X: QQQ"],
    ),
    "water and ions": ("ions.pdb", sodium(MONOMER), ["ions.pdb, chain A: 77 residues"]),
    "chains without names": (
        "tleap.pdb",
        unnamed(DIMER),
        ["tleap.pdb, chain A", "tleap.pdb does not name its chains"],
    ),
    "columns": (
        "left.pdb",
        COLUMNS["names to the left, no elements"](MONOMER),
        ["left.pdb, chain A: 77 residues"],
    ),
    "END between partners": (
        "docked.pdb",
        text_of(lines_of(DIMER, "B"), "END", lines_of(DIMER, "A"), "END"),
        ["docked.pdb, chain B"],
    ),
    "label_seq_id for some": (
        "some.cif",
        edited(put_column("label_seq_id", unsaid(".", "B"))),
        ["some.cif, chain "],
    ),
    "a fault elsewhere": ("sifts.cif", mmcif() + NONSENSE, ["sifts.cif, chain "]),
    "nucleotides": (
        "amber.pdb",
        strand(MONOMER),
        ["amber.pdb, chain A: 77 residues", "Left out: 1 nucleic acid chain."],
    ),
    "assembly": (
        "9xyz.pdb1",
        MODELS,
        ["9xyz.pdb1, chain A: 77 residues", "The file holds 2 models; this is the first."],
    ),
    "hexadecimal numbers": (
        "hex.pdb",
        numbered("hexadecimal, VMD"),
        ["hex.pdb, chain A: 77 residues"],
    ),
    "serial of six digits": (
        "six.pdb",
        change(MONOMER, lambda line, _: line[:6] + "100000" + line[11:]),
        ["its serial number has more than five digits"],
    ),
    "SEQRES": (
        "linker.pdb",
        LINKER,
        ["linker.pdb, chain A: 86 residues", "9 of 86 residues are not resolved"],
    ),
    "PIR": (
        "pir.seq",
        ">P1;ACPTEST\nACYL CARRIER PROTEIN\nSTIEERVKKI IGEQLGVKQE*\n",
        ["ACPTEST", ": 20 residues"],
    ),
    "byte-order mark": ("bom.pdb", b"\xef\xbb\xbf" + MONOMER.encode(), ["bom.pdb, chain A: 77"]),
    "gzip": ("plain.cif", gzip.compress(mmcif().encode()), ["plain.cif, chain "]),
    "Latin-1": (
        "latin.pdb",
        "TITLE     5 Å\n".encode("latin-1") + MONOMER.replace(" CB ", " C\xdf ").encode("latin-1"),
        ["latin.pdb, chain A", ": 77 residues"],
    ),
    "no places": (
        "stars.pdb",
        stars(MONOMER),
        ["stars.pdb, chain A: 77", "10 of 77 residues are not resolved", "without a place"],
    ),
    "docked ligand": (
        "docked-ligand.pdb",
        with_ligand(MONOMER, "ATOM", "UNK", "A"),
        ["docked-ligand.pdb, chain A: 77 residues"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_strange_file(page: Page, kind: str) -> None:
    name, content, sentences = FILES[kind]
    data = content if isinstance(content, bytes) else content.encode()
    settle(page)  # while the page is drawn, Streamlit may make the input anew
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": data}
    )
    for sentence in sentences:
        page.get_by_text(sentence).first.wait_for()
    assert page.locator("[data-testid=stException]").count() == 0
    if kind not in ("serial of six digits", "PIR"):
        page.locator(".molecule[data-state=ready]:not([data-atoms='0'])").wait_for()
