"""How many visitors an instance carries: by one process, and by two behind nginx."""

from __future__ import annotations

import asyncio
import json
import math
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from benchmarks.crowd import LINKS, another
from benchmarks.footprint import Footprint, processor_seconds, processor_times, watched
from benchmarks.instance import Instance, find_nginx, serve_instance
from benchmarks.options import ROOT, Options
from benchmarks.server import ATLAS, Server, serve
from benchmarks.table import Absolute, Limit, Row, absent
from benchmarks.visiting import Visitor

GROUP = "visitors"
DEFINITION = (
    "rerun: from a visitor's choice until Streamlit says that the script has finished, over its "
    "own websocket and without a browser; each visitor opens a page by a deep link, changes a "
    "choice every 2 to 4 s (Home and Methods have none: the menu leads on), closes the tab after "
    "8 changes and opens the next link; every page's watch beats every 10 s. p50, p95, p99 over "
    "all visitors' reruns in 30 s after all have come. CPU of a rerun: processor time of the "
    "dashboard's processes and their children, watches and opened links included, / reruns and "
    "opened links. Memory and handles are the highest seen, the model's process included; of "
    "handles those of one process. Visitors run in a process on the same machine, and take the "
    "CPU that is said."
)
GOAL = Limit(2.0, "s")
GOALS = {(50, 1), (100, 2)}
"""Visitors and processes whose p95 has a limit."""
CPU_GOAL, WATCH_GOAL = Limit(40.0, "ms"), Limit(9.0, "ms")
ARRIVE, LEAST_ARRIVE = 0.15, 5.0
"""Seconds until the next visitor comes, and in which all have come at the earliest."""
HURRIED, PARTS = 4, 4
"""Visitors who come and go without a pause, and how often memory and handles are told."""
_SETTLED, _IDLE = 30.0, 0.1
"""Seconds that what is opened first may take to load, and of processor time in one, once it has."""
_BATCH = 10
"""Reruns whose processor time is read at once: the system counts it in steps of 10 ms."""


def rows(options: Options) -> Iterator[Row]:
    """Measure one visitor's reruns page by page, then many visitors."""
    yield from _alone(options)
    for processes in options.processes:
        if processes > 1 and find_nginx() is None:
            yield absent(GROUP, f"{processes} processes", "no nginx here")
            continue
        for count in options.visitors:
            yield _together(options, count, processes)
    yield from _on_and_on(options)


def _alone(options: Options) -> Iterator[Row]:
    """Measure the processor time of a rerun of each page, by one visitor who does not wait."""
    with serve(ATLAS) as server:
        _warm(Instance(server.address, (server,)))
        for link in LINKS:
            options.say(f"one visitor: {link}")
            spent = asyncio.run(_spend(server, link, options.repeats(9), _change))
            name = link.strip("/").partition("?")[0] or "Home"
            if link.count("models=") > 2:
                name += ", five models"
            yield Row(
                GROUP,
                f"{name.replace('_', ' ')}: one visitor",
                "CPU of a rerun",
                absolutes=(
                    Absolute("CPU of a rerun", tuple(spent), "ms"),
                    Absolute("of the first ten", (spent[0],), "ms"),
                ),
                limit=CPU_GOAL,
            )
        options.say("one visitor: the watch")
        spent = asyncio.run(_spend(server, LINKS[0], options.repeats(3), _watch))
        yield Row(
            GROUP,
            "every page’s watch: one visitor",
            "CPU of a watch",
            absolutes=(Absolute("CPU of a watch", tuple(spent), "ms"),),
            limit=WATCH_GOAL,
        )


async def _spend(
    server: Server,
    link: str,
    repeats: int,
    act: Callable[[Visitor, random.Random], Awaitable[object]],
) -> list[float]:
    """Give the milliseconds of processor time of one act, the mean of each batch."""
    visitor, chance = Visitor(server.address), random.Random(link)
    await visitor.open(link)
    spent = []
    for _ in range(repeats):
        before = processor_times([server.pid])
        for _ in range(_BATCH):
            await act(visitor, chance)
        spent.append(processor_seconds([server.pid], before) / _BATCH * 1000)
    await visitor.leave()
    return spent


async def _change(visitor: Visitor, chance: random.Random) -> None:
    try:
        await visitor.change(*another(list(visitor.widgets.values()), chance))
    except IndexError:  # nothing to choose on this page
        await visitor.again()


async def _watch(visitor: Visitor, _: random.Random) -> None:
    if not await visitor.watch(math.inf):
        raise RuntimeError("the page has no watch")


def _warm(instance: Instance) -> None:
    """Open every link once in each process, so that what it loads once is loaded."""

    async def visit(address: str) -> None:
        visitor = Visitor(address)
        for link in LINKS:
            await visitor.open(link)
            await visitor.leave()

    for server in instance.servers:
        asyncio.run(visit(server.address))
    # The process that runs models loads torch meanwhile, whether or not somebody waits for it.
    pids, end = [server.pid for server in instance.servers], time.monotonic() + _SETTLED
    while time.monotonic() < end:
        before = processor_times(pids)
        time.sleep(1)
        if processor_seconds(pids, before) < _IDLE:
            break


def _together(options: Options, count: int, processes: int) -> Row:
    """Measure so many visitors at once."""
    what = f"{count} visitors, {'one process' if processes == 1 else 'two processes'}"
    options.say(what)
    with serve_instance(processes) as instance:
        _warm(instance)
        seen, took = visit(instance, count, options.seconds, max(LEAST_ARRIVE, ARRIVE * count))
    times: dict[str, list[float]] = seen["times"]
    reruns, opened = times["rerun"], times["open"]
    if seen["errors"]:
        options.say("; ".join(seen["errors"][:5]))
    done = max(1, len(reruns) + len(opened))
    absolutes = [
        Absolute("p95", (percentile(reruns, 95),)),
        Absolute("p50", (percentile(reruns, 50),)),
        Absolute("p99", (percentile(reruns, 99),)),
        *([Absolute("opened, p95", (percentile(opened, 95),))] if opened else []),
        Absolute("reruns", (float(len(reruns)),), "number"),
        Absolute("CPU of a rerun", (took.seconds / done * 1000,), "ms"),
        Absolute("CPU of the dashboard", (took.seconds / options.seconds,), "cores"),
        Absolute("CPU of the visitors", (seen["client_seconds"] / options.seconds,), "cores"),
        Absolute("resident", (max(took.resident),), "MB"),
        Absolute("proportional", (max(took.proportional),), "MB"),
        Absolute("handles", (float(max(took.handles)),), "number"),
        Absolute("errors", (float(len(seen["errors"])),), "number"),
    ]
    goal = GOAL if (count, processes) in GOALS else None
    return Row(GROUP, what, "rerun", absolutes=tuple(absolutes), limit=goal)


def _on_and_on(options: Options) -> Iterator[Row]:
    """Measure whether memory and handles level off, while visitors come and go without a pause."""
    with serve_instance(1) as instance:
        _warm(instance)
        came = 0
        for part in range(1, PARTS + 1):
            options.say(f"{HURRIED} visitors without a pause, {part} of {PARTS}")
            seen, took = visit(instance, HURRIED, options.seconds, LEAST_ARRIVE, hurried=True)
            came += len(seen["times"]["open"])
            yield Row(
                GROUP,
                f"{HURRIED} who come and go, {part * options.seconds:.0f} s",
                "memory and handles",
                absolutes=(
                    Absolute("visits so far", (float(came),), "number"),
                    Absolute("resident", (max(took.resident),), "MB"),
                    Absolute("handles", (float(max(took.handles)),), "number"),
                    Absolute("errors", (float(len(seen["errors"])),), "number"),
                ),
            )


def visit(
    instance: Instance, count: int, seconds: float, arrive: float, *, hurried: bool = False
) -> tuple[dict[str, Any], Footprint]:
    """Let visitors come from a process of their own; give what they saw and what was used.

    Those who are hurried change one choice without a pause, and leave.
    """
    arguments = ("--visitors", str(count), "--seconds", str(seconds), "--arrive", str(arrive))
    arguments += ("--hurried",) if hurried else ()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crowd", instance.address, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        if process.stdout.readline().strip() != "begin":
            raise RuntimeError("the visitors ended by themselves")
        with watched([server.pid for server in instance.servers]) as took:
            process.stdout.readline()
        return json.loads(process.stdout.readline()), took
    finally:
        process.kill()
        process.wait()


def percentile(values: list[float], which: int) -> float:
    """Give a percentile of at least one value, by linear interpolation."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[which - 1]
