"""The documents: what they tell a reader to type works, and what they point at is there.

Every line of a shell block is run, in a copy of the project, in the order in which its document
has it; where `DIR`, `PATH` or `FOLDER` stands, there is such a file. What cannot be run here is
in `NOT_HERE`, with the reason, and its arguments are read all the same.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import pictures
from benchmarks.machine import describe_machine
from benchmarks.table import Absolute, Report, compare
from dashboard import command_line as dashboard
from precompute import command_line as precompute
from precompute.examples import load_example
from tests.chains import records_of, write_lmdb
from tests.checkpoints import make_checkpoint

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    name
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
    )
    if (ROOT / name).is_file()
]
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
ROOMS = ("benchmarks", "dashboard", "docs", "pages", "precompute", "static", "tests", ".streamlit")
FILES = ("Makefile", "package.json", "package-lock.json", "streamlit_app.py")
REQUIREMENTS = ("requirements.txt", "requirements-test.txt", "requirements-weights.txt")
PATIENCE = 240
WRITES = ("--out", "--table", "--bib", "--csv", "--write")
"""Options after which a command names what it writes."""
PYTHON = ".venv/bin/python -m "
RUN = "run --model prot_bert --weights DIR --dataset binding_sites --data PATH --out results"
"""What a sentence about an option of `precompute run` need not repeat."""


def commands_of(text: str) -> list[str]:
    """Give the lines of a document's shell blocks, continued lines joined."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.M | re.S)
    blocks = [re.sub(r"^ *#.*\n", "", block, flags=re.M) for block in blocks]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


COMMANDS = {name: commands_of(text) for name, text in TEXTS.items()}
EVERY_COMMAND = list(dict.fromkeys(line for lines in COMMANDS.values() for line in lines))


# What cannot be run here, and what is looked at instead.


def read_arguments(command: str) -> None:
    """Let our own parsers read a command of ours, without doing what it says.

    argparse ends the process where they do not fit.
    """
    module, *arguments = shlex.split(command.removeprefix(PYTHON))
    if module == "precompute":
        precompute._parser().parse_args(arguments)
    elif module == "dashboard":
        dashboard._parser(arguments).parse_args(arguments)
    else:
        assert module in ("benchmarks", "benchmarks.pictures"), command
        build = benchmarks.build_parser if module == "benchmarks" else pictures.build_parser
        build().parse_args(arguments)


def read_slurm(command: str) -> None:
    """The script takes a number of jobs, and hands the rest to `precompute run`."""
    jobs, *options = shlex.split(command)[2:]
    assert int(jobs) > 0
    precompute._parser().parse_args(["run", *options])


def find_target(command: str) -> None:
    """Make knows the target and what it would do."""
    words = [word for word in shlex.split(command) if not re.match(r"(ATLAS|AWS)_", word)]
    done = subprocess.run(
        [words[0], "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def read_dockerfile(command: str) -> None:
    """The Dockerfile has the volumes and the port, and what is run in it fits our parser."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    words = shlex.split(command)
    image = "protein-attention-atlas"
    assert f"IMAGE ?= {image}\n" in (ROOT / "Makefile").read_text()
    if words[1] == "build":
        assert words[2:] == ["--tag", image, "."]
        return
    options, inside = words[2 : words.index(image)], words[words.index(image) + 1 :]
    for option, value in zip(options[::2], options[1::2], strict=True):
        if option == "--publish":
            assert f"EXPOSE {value.split(':')[1]}" in dockerfile
        else:
            assert option == "--volume"
            assert value.split(":")[0].startswith("$PWD/")
    if inside:
        assert inside[:2] == ["python", "-m"]
        read_arguments(shlex.join(inside[2:]))


def find_extra(command: str) -> None:
    """What pip is told to install are this project's own extras and files."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for extra in re.findall(r"\[(\w+)\]", command):
        assert extra in extras["optional-dependencies"]
    for file in re.findall(r"(?:--constraint|-r) (\S+)", command):
        assert (ROOT / file).is_file()


def find_tests(command: str) -> None:
    """The tests that are named are there."""
    named = [word for word in shlex.split(command) if word.startswith("tests")]
    assert named
    for name in named:
        assert (ROOT / name.partition("::")[0]).exists(), name


@dataclass(frozen=True)
class NotHere:
    """A command that cannot be run in a test of its document.

    Attributes
    ----------
    pattern
        What its beginning matches.
    why
        The reason, and where the same is run if it is.
    check
        What is looked at instead.
    """

    pattern: str
    why: str
    check: Callable[[str], None]


NOT_HERE = (
    NotHere(r"make test\b", "it would run this very test again", find_target),
    NotHere(r"make lint\b", "CI runs it before any test", find_target),
    NotHere(r"make demo\b", "trains for an hour; tests/precompute/test_demo.py", find_target),
    NotHere(r"docker\b", "there is no container engine in CI", read_dockerfile),
    NotHere(
        r"\.venv/bin/python -m pip\b",
        "needs a registry; tests/browser/test_stmol.py installs the extra",
        find_extra,
    ),
    NotHere(
        r"ATLAS_VIEWER=stmol make\b",
        "stmol has an environment of its own in tests/browser/test_stmol.py",
        find_target,
    ),
    NotHere(r"AWS_\w+=", "needs a store; tests/browser/test_s3.py has one", find_target),
    NotHere(
        r"\.venv/bin/python docs/slurm\.py\b",
        "needs SLURM; tests/precompute/engines/test_slurm.py has a stand-in",
        read_slurm,
    ),
    NotHere(
        r"\.venv/bin/python -m precompute run .*--workers",
        "starts a cluster; tests/precompute/engines/test_dask_cluster.py has many",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m precompute train-demo\b",
        "trains for an hour; tests/precompute/test_train_demo.py trains a smaller one",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m benchmarks(?![.\w])",
        "measures for half an hour; tests/benchmarks/test_groups.py calls every group",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m benchmarks\.pictures\b",
        "opens every page in a browser; tests/browser/test_pages.py does that",
        read_arguments,
    ),
    NotHere(
        r"\.venv/bin/python -m pytest\b",
        "a part of this suite",
        find_tests,
    ),
)


def not_here(command: str) -> NotHere | None:
    return next((entry for entry in NOT_HERE if re.match(entry.pattern, command)), None)


@pytest.mark.parametrize("command", [line for line in EVERY_COMMAND if not_here(line)])
def test_a_command_that_cannot_run_here_is_understood(command: str) -> None:
    entry = not_here(command)
    assert entry is not None
    if entry.check is find_target and shutil.which("make") is None:
        pytest.skip("make is not installed")
    entry.check(command)


@pytest.mark.parametrize("entry", NOT_HERE, ids=lambda entry: entry.pattern)
def test_what_is_not_run_here_is_in_a_document_and_its_reason_holds(entry: NotHere) -> None:
    assert any(re.match(entry.pattern, command) for command in EVERY_COMMAND)
    for name in re.findall(r"tests/[\w/]+\.py", entry.why):
        assert (ROOT / name).is_file(), name


# What is run.


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that has its environment, and what the placeholders name."""
    copy = tmp_path_factory.mktemp("documents") / "checkout"
    for name in ROOMS:
        shutil.copytree(ROOT / name, copy / name)
    for name in (*FILES, *REQUIREMENTS):
        shutil.copy2(ROOT / name, copy)
    _fill(copy)
    programs = copy / ".venv/bin"
    programs.mkdir(parents=True)
    # No link: an interpreter looks for its packages beside where it is called.
    _script(programs / "python", f'exec "{sys.executable}" "$@"')
    for stamp in (".app", ".test", ".weights"):
        (copy / ".venv" / stamp).touch()
    (copy.parent / "bin").mkdir()
    _script(copy.parent / "bin" / "npm", "exit 1")
    return copy


def _fill(copy: Path) -> None:
    """Write what the documents name: a checkpoint, a data set, structures, a benchmark's table."""
    make_checkpoint(copy / "DIR", "prot_bert", layers=30, heads=16, width=32)
    write_lmdb(copy / "PATH", records_of("binding_sites"))
    (copy / "FOLDER").mkdir()
    (copy / "FOLDER" / "1mvo.pdb").write_text(load_example("1MVO").structure_text)
    measured = compare("pages", "x", Absolute("a", (2.0,)), Absolute("b", (1.0,)))
    table = copy / "build/benchmarks/benchmarks.json"
    table.parent.mkdir(parents=True)
    table.write_text(Report((measured,), describe_machine(), {}).to_json())


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def environment(checkout: Path) -> dict[str, str]:
    """An environment without a network, a user's folders or settings of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATLAS_")}
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    home = checkout.parent / "home"
    return {
        **{name: value for name, value in kept.items() if not name.startswith("HF_")},
        **nowhere,
        "no_proxy": "localhost,127.0.0.1",
        "PATH": f"{checkout.parent / 'bin'}:{os.environ['PATH']}",
        "HOME": str(home),
        "OMP_NUM_THREADS": "1",
        "STREAMLIT_SERVER_HEADLESS": "true",
    }


@pytest.fixture(scope="module")
def done() -> set[str]:
    """Commands that an earlier document has had run in the same checkout."""
    return set()


@pytest.mark.parametrize("document", [n for n, lines in COMMANDS.items() if lines])
def test_the_commands_of_a_document_run(document: str, checkout: Path, done: set[str]) -> None:
    for command in COMMANDS[document]:
        if not_here(command) or command in done:
            continue
        done.add(command)
        if re.match(r"make app\b", command):
            serve(command, checkout)
        else:
            run(command, checkout)


def run(command: str, checkout: Path) -> None:
    finished = subprocess.run(
        ["bash", "-c", command],
        cwd=checkout,
        env=environment(checkout),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert finished.returncode == 0, f"{command}\n{finished.stdout}{finished.stderr}"
    assert "Traceback" not in finished.stderr
    words = shlex.split(command)
    for option, name in pairwise(words):
        if option in WRITES:
            written = checkout / name
            assert any(written.rglob("*")) if written.is_dir() else written.stat().st_size


def serve(command: str, checkout: Path) -> None:
    """Start the dashboard, wait until it answers, and stop it."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = checkout.parent / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["bash", "-c", command],
            cwd=checkout,
            env={**environment(checkout), "PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                address = f"http://127.0.0.1:{port}/_stcore/health"
                assert urllib.request.urlopen(address, timeout=5).read() == b"ok"
                break
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    assert "Traceback" not in log.read_text()


# What stands in a sentence or a table.


def inline_commands(text: str) -> list[str]:
    """Give the commands of ours that stand within a sentence or a table."""
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    found = []
    for code in re.findall(r"`([^`\n]+)`", prose):
        begun = re.sub(r"^(\.venv/bin/python -m |python -m |… (?=[a-z]))", "", code)
        if code.startswith("… "):
            begun = f"precompute {begun}"
        if (begun != code and " " in begun) or re.match(r"precompute [a-z]|make [a-z]", code):
            found.append(begun)
    return found


INLINE = sorted({command for text in TEXTS.values() for command in inline_commands(text)})


@pytest.mark.parametrize("command", INLINE)
def test_a_command_in_a_sentence_is_understood(command: str) -> None:
    if command.startswith("make "):
        if shutil.which("make") is None:
            pytest.skip("make is not installed")
        find_target(command)
    else:
        whole = command.replace(" …", "").replace(" N", " 2")
        read_arguments(whole.replace("precompute run", f"precompute {RUN}"))


# What they point at.


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
    assert "ATLAS_RESULTS" in found
    assert {name for name in found if f"`{name}`" not in "".join(TEXTS.values())} == set()


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
