"""What the documents point at is there, and what they should hold is in them."""

from __future__ import annotations

import re

import pytest

from benchmarks import pictures
from dashboard import __main__ as dashboard
from dashboard.page.settings import SETTINGS
from precompute.live.running.store import DEFAULT_BYTES
from precompute.live.settings import DEFAULT_CELLS, DEFAULT_MEGABYTES, DEFAULT_RESIDUES
from tests.packaging.documents import DOCUMENTS, ROOT, TEXTS


def slugs(text: str) -> set[str]:
    """Give the names under which a document's headings can be linked to."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_point_at_what_exists(document: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)]+)", TEXTS[document])
    folder = (ROOT / document).parent
    for link in links:
        name, _, anchor = link.partition("#")
        target = folder / name if name else ROOT / document
        assert target.exists(), link
        assert not anchor or anchor in slugs(target.read_text(encoding="utf-8")), link


def test_every_document_and_every_picture_is_reached_from_the_readme() -> None:
    linked = {
        (ROOT / link.partition("#")[0]).resolve()
        for link in re.findall(r"\]\((?!https?://)([^)]+)", TEXTS["README.md"])
    }
    shown = {pictures.FOLDER / f"{picture.name}.png" for picture in pictures.PICTURES}
    assert set(pictures.FOLDER.iterdir()) == shown
    assert {*(ROOT / "docs").glob("*.md"), *shown} - linked == set()


def test_a_reader_learns_first_that_no_network_is_needed() -> None:
    lines = TEXTS["README.md"].splitlines()
    assert "without a network" in " ".join(lines[:4])
    assert len(lines) < 200


def test_every_setting_is_in_a_document() -> None:
    found = {
        name
        for room in ("dashboard", "precompute")
        for path in (ROOT / room).rglob("*.py")
        for name in re.findall(r"ATLAS_[A-Z_]+", path.read_text(encoding="utf-8"))
    }
    assert found == SETTINGS
    assert {name for name in found if f"`{name}`" not in "".join(TEXTS.values())} == set()


@pytest.mark.parametrize(
    ("setting", "default"),
    [
        ("ATLAS_MAX_RESIDUES", f"({DEFAULT_RESIDUES})"),
        ("ATLAS_MAX_UPLOAD", f"({DEFAULT_MEGABYTES})"),
        ("ATLAS_LIVE_CELLS", f"({DEFAULT_CELLS:,},"),
        ("ATLAS_LIVE_BYTES", f"({DEFAULT_BYTES:,})"),
    ],
)
def test_a_setting_s_default_is_the_one_of_the_code(setting: str, default: str) -> None:
    (row,) = re.findall(rf"^\| `{setting}` \| (.*) \|$", TEXTS["docs/hosting.md"], re.M)
    assert default in row


def test_the_proxy_s_limits_are_those_of_its_configuration() -> None:
    """Each row of the table, of what stands in nginx.conf."""
    conf = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")

    def of(pattern: str) -> list[str]:
        return re.findall(pattern, conf)

    (body, upload) = of(r"client_max_body_size (\d+)m;")
    (eight,) = of(r"limit_conn uploading (\d+);")
    (rate,) = of(r"zone=requests:4m rate=(\d+)r/s")
    (burst,) = set(of(r"zone=requests burst=(\d+)"))
    (uploads,) = of(r"zone=uploads:4m +rate=(\d+)r/m")
    (at_once,) = of(r"zone=uploads burst=(\d+)")
    (own,) = of(r"limit_conn pages (\d+);")
    (everyone,) = of(r"limit_conn everyone (\d+);")
    (header,) = of(r"client_header_timeout (\d+)s;")
    (pause,) = of(r"client_body_timeout (\d+)s;")
    assert eight == "8"
    for row in (
        f"{body} MB; of an upload {upload} MB, eight at once",
        f"{rate} a second, {burst} at once;",
        f"{uploads} a minute, {at_once} at once",
        f"{own} of one address, {everyone} in all",
        f"{header} s, {pause} s",
    ):
        assert row in TEXTS["docs/hosting.md"]


def test_every_figure_of_the_shell_is_in_a_document() -> None:
    assert {name for name in dashboard.FIGURES if f"`{name}`" not in TEXTS["docs/figures.md"]} <= {
        "heads"  # in the example
    }


def test_only_blocks_hold_commands() -> None:
    """What is typed stands in a block that says so, since no other is run."""
    for name, text in TEXTS.items():
        for language, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.M | re.S):
            if language != "sh":
                assert not re.search(r"^ *(make|docker|\.venv/|python3? -m) ", block, re.M), name
        outside = re.sub(r"```.*?```", "", text, flags=re.S)
        assert not re.search(r"^ {4}(make|docker|\.venv/|python3? -m) ", outside, re.M), name
