"""Visitors without a browser: they open every page, choose, and see what goes wrong."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks import visiting
from benchmarks.crowd import LEFT_ALONE, LINKS, Crowd, Seen, another
from benchmarks.instance import Instance, serve_instance
from benchmarks.server import ATLAS, serve
from benchmarks.visiting import Visitor, Widget
from benchmarks.visitors import percentile
from dashboard.page.opening import PAGES
from tests.apart import run_apart
from tests.proxied import require_nginx

FAULTY = """
import streamlit as st
choice = st.selectbox("What", ["well", "raises", "says", "late"])
st.html('<p role="alert" style="margin:0">There are no values.</p>')
if choice == "raises":
    raise ValueError("out of reach")
if choice == "says":
    st.error("This cannot be read.")
"""


@pytest.fixture(scope="module")
def atlas() -> Iterator[str]:
    with serve(ATLAS) as server:
        yield server.address


def test_three_visitors_open_every_page_and_choose(atlas: str) -> None:
    pages = run_apart(_visit_all(atlas))
    assert set(pages) == {page.label.replace(" ", "_") for page in PAGES.values()}


WITHOUT_CONTROLS = ("Home", "Methods", "Contacts")
"""Contacts has controls where a run of contacts is loaded."""


async def _visit_all(address: str) -> dict[str, int]:
    """Three visitors share the links, and change three things on each page."""
    pages: dict[str, int] = {}

    async def visit(links: tuple[str, ...], number: int) -> None:
        visitor, chance = Visitor(address, f"127.1.0.{number}"), random.Random(number)
        for link in links:
            await visitor.open(link)
            name = visitor.page_name or "Home"
            assert visitor.page_hash == visitor.pages[visitor.page_name]
            pages[name] = pages.get(name, 0) + 1
            held = visitor.page_hash
            for _ in range(3 if name not in WITHOUT_CONTROLS else 0):
                await visitor.change(*another(list(visitor.widgets.values()), chance))
            # What runs by itself, and a part of a page, lead nowhere else.
            await visitor.watch(time.perf_counter() + 60)
            await visitor.again()
            assert visitor.page_hash == held == visitor.pages[visitor.page_name]
            if name in ("Home", "Methods"):
                await visitor.go("Compare")
                assert visitor.page_hash == visitor.pages["Compare"]
            assert not visitor.errors, (link, visitor.errors)
            await visitor.leave()

    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(visit(LINKS[number::3], number + 1))
    return pages


def test_a_choice_reaches_the_page_and_its_address(atlas: str) -> None:
    async def choose() -> Visitor:
        visitor = Visitor(atlas)
        await visitor.open("/Compare?feature=amino_acid:P")
        feature = next(one for one in visitor.widgets.values() if one.id.endswith("_feature"))
        assert feature.value == ("Proline (P) · amino acids",)
        leucine = next(one for one in feature.options if one.startswith("Leucine"))
        await visitor.change(feature, (leucine,))
        await visitor.leave()
        return visitor

    visitor = run_apart(choose())
    assert "feature=amino_acid" in visitor.query
    assert "L" in visitor.query.partition("amino_acid")[2]
    assert visitor.errors == visitor.sentences == []


def test_a_control_runs_what_stands_below_the_title_alone(atlas: str) -> None:
    async def look() -> Visitor:
        visitor = Visitor(atlas)
        for link in LINKS:
            await visitor.open(link)
            whole = visitor.received
            for widget in visitor.widgets.values():
                assert widget.fragment, (link, widget.id)
            if not visitor.widgets:
                continue
            choice = next(one for one in visitor.widgets.values() if len(one.options) > 1)
            other = next(one for one in choice.options if (one,) != choice.value)
            await visitor.change(choice, (other,))
            assert whole < visitor.received
            assert not visitor.errors, (link, visitor.errors)
        return visitor

    run_apart(look())


def test_controls_that_a_choice_takes_away_are_forgotten(atlas: str) -> None:
    async def choose() -> list[list[str]]:
        visitor, seen = Visitor(atlas), []
        await visitor.open("/Compare?")
        part = next(one for one in visitor.widgets.values() if one.id.endswith("compare_part"))
        for option in (part.options[1], part.options[0]):
            await visitor.change(part, (option,))
            seen.append([one.id.rpartition("-")[2] for one in visitor.widgets.values()])
        await visitor.leave()
        return seen

    clusters, two = run_apart(choose())
    assert "compare_clusters" in clusters
    assert "compare_first" not in clusters
    assert "compare_first" in two
    assert "compare_clusters" not in two


def test_what_goes_wrong_is_seen(tmp_path: Path) -> None:
    script = tmp_path / "faulty.py"
    script.write_text(FAULTY)

    async def choose(address: str) -> list[list[str]]:
        visitor, seen = Visitor(address), []
        await visitor.open("/")
        (widget,) = visitor.widgets.values()
        for value in ("well", "raises", "says"):
            await visitor.change(widget, (value,))
            seen.append([*visitor.errors])
            visitor.errors.clear()
        assert visitor.sentences == ["said: There are no values."] * 4
        await visitor.leave()
        return seen

    with serve(script) as server:
        well, raises, says = run_apart(choose(server.address))
    assert well == []
    assert len(raises) == 1
    assert raises[0].startswith("exception: ")
    assert says == ["error: This cannot be read."]


def test_a_server_that_ends_is_an_error_to_its_visitors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "TIMEOUT", 5.0)
    script = tmp_path / "small.py"
    script.write_text("import streamlit as st\nst.selectbox('What', ['a', 'b'])\n")

    async def stay(address: str, pid: int) -> Seen:
        crowd = Crowd(address, 1, pause=(0.1, 0.2))
        staying = asyncio.create_task(crowd.stay(2, 4))
        while not crowd.seen.pages:
            await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        return await staying

    with serve(script) as server:
        seen = run_apart(stay(server.address, server.pid))
    assert "connection closed" in seen.errors[0]
    assert seen.errors[1].endswith("not back: nobody answers")
    assert seen.times["return"] == []


def test_under_load_only_the_visitors_of_a_process_that_ends_notice() -> None:
    require_nginx()

    async def stay(instance: Instance) -> Crowd:
        crowd = Crowd(instance.address, 8, pause=(0.2, 0.6))
        staying = asyncio.create_task(crowd.stay(4, 12))
        while len([one for one in crowd.visitors if one.cookies and one.widgets]) < 6:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        lost.extend(one for one in crowd.visitors if one.cookies["atlas_process"] == "first")
        kept.extend(one for one in crowd.visitors if one not in lost)
        os.kill(instance.servers[0].pid, signal.SIGKILL)
        await staying
        return crowd

    lost: list[Visitor] = []
    kept: list[Visitor] = []
    with serve_instance(2) as instance:
        crowd = run_apart(stay(instance))
    assert lost
    assert kept
    assert 1 <= len(crowd.seen.errors) <= len(lost), crowd.seen.errors
    assert all("connection closed" in error for error in crowd.seen.errors), crowd.seen.errors
    assert len(crowd.seen.times["return"]) == len(crowd.seen.errors)
    assert {one.cookies["atlas_process"] for one in crowd.visitors} == {"second"}


def test_links_lead_to_every_page_and_most_have_choices() -> None:
    pages = {link.strip("/").partition("?")[0].replace("_", " ") or "Home" for link in LINKS}
    assert pages == {page.label for page in PAGES.values()}
    assert sum(link.rpartition("?")[2] not in ("", link) for link in LINKS) >= len(PAGES) - 2


def test_what_is_chosen_is_another_and_asks_for_no_network() -> None:
    chance = random.Random(1)
    widgets = [
        Widget("$$ID-1-heads_scale", "button_group", ("Own", "Shared"), ("Own",)),
        Widget("$$ID-2-heads_run", "multiselect", ("one",), ()),
        Widget("$$ID-3-heads_table", "button_group", ("Off", "On"), ("Off",), disabled=True),
        *(Widget(f"$$ID-4-{key}", "selectbox", ("a", "b"), ("a",)) for key in LEFT_ALONE),
    ]
    chosen = {(one.id, value) for one, value in (another(widgets, chance) for _ in range(50))}
    assert chosen == {("$$ID-1-heads_scale", ("Shared",))}
    with pytest.raises(IndexError):
        another(widgets[1:], chance)


def test_percentiles() -> None:
    assert percentile([1.0], 95) == 1.0
    assert percentile([float(value) for value in range(101)], 95) == 95.0


def test_handles_level_off_while_visitors_come_and_go() -> None:
    """Three a visit stay until Streamlit forgets a visitor who has left: here after a second."""

    async def come_and_go(address: str, visits: int) -> None:
        for _ in range(visits):
            visitor = Visitor(address)
            await visitor.open("/Methods?")
            await visitor.leave()
        await asyncio.sleep(1.5)
        visitor = Visitor(address)
        await visitor.open("/Methods?")  # it forgets when somebody comes
        await visitor.leave()

    with serve(ATLAS, STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="1") as server:
        process = psutil.Process(server.pid)
        run_apart(come_and_go(server.address, 3))
        before = process.num_fds()
        run_apart(come_and_go(server.address, 25))
        assert process.num_fds() <= before + 9
