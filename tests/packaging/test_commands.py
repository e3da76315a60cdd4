"""What the documents tell a reader to type works.

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
import subprocess
import sys
import time
import urllib.request
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.machine import describe_machine
from benchmarks.server import free_port
from benchmarks.table import Absolute, Report, compare
from precompute.examples import list_examples, load_example
from precompute.models.msa_network import Shape
from precompute.models.plus_network import Shape as PlusShape
from tests.chains import records_of, write_lmdb
from tests.checkpoints import make_checkpoint
from tests.families import make_family, write_family
from tests.measured_alignments import write_aligned_examples
from tests.msa_checkpoints import write_published
from tests.packaging.documents import COMMANDS, EVERY_COMMAND, INLINE, ROOT
from tests.packaging.not_here import NOT_HERE, NotHere, find_target, not_here, read_arguments
from tests.plus_checkpoints import write_published as write_plus

ROOMS = ("benchmarks", "dashboard", "docs", "pages", "precompute", "static", "tests", ".streamlit")
FILES = ("Makefile", "package.json", "package-lock.json", "serve.py", "streamlit_app.py")
REQUIREMENTS = ("requirements.txt", "requirements-test.txt", "requirements-weights.txt")
PATIENCE = 240
WRITES = ("--out", "--table", "--bib", "--csv", "--write")
"""Options after which a command names what it writes."""
RUN = "run --model prot_bert --weights DIR --dataset binding_sites --data PATH --out results"
"""What a sentence about an option of `precompute run` need not repeat."""


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
    """Write what the documents name: checkpoints, data, a benchmark's table."""
    make_checkpoint(copy / "DIR", "prot_bert", layers=30, heads=16, width=32)
    make_checkpoint(copy / "ESM2", "esm2_t6_8m", layers=6, heads=4, width=32)
    write_lmdb(copy / "PATH", records_of("binding_sites"))
    (copy / "FASTA").write_text(">mine\nMKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ\n")
    (copy / "FOLDER").mkdir()
    (copy / "FOLDER" / "1mvo.pdb").write_text(load_example("1MVO").structure_text)
    (copy / "STRUCTURES").mkdir()
    labels = ["chain,residue,class"]
    for entry in list_examples():
        text = load_example(entry.name).structure_text
        (copy / "STRUCTURES" / f"{entry.name.lower()}.pdb").write_text(text)
        labels += [
            f"{entry.name.lower()}.A,{line[22:27].strip()},{'ab'[place % 3 % 2]}"
            for place, line in enumerate(text.splitlines())
            if line.startswith("ATOM") and line[12:16] == " CA " and line[21] == "A"
        ]
    (copy / "LABELS.csv").write_text("\n".join(labels))
    write_published(copy / "MSA", Shape(12, 12, 24, 24))
    (copy / "FAMILIES").mkdir()
    shutil.copy(ROOT / "tests" / "data" / "PF00072.fasta.gz", copy / "FAMILIES")
    write_family(make_family("PF00001", 40, 30, seed=1), copy / "FAMILIES")
    write_aligned_examples(copy / "ALIGNED")
    write_plus(copy / "PLUS", PlusShape(2, 2, 16, 16))
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
    port = free_port()
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


@pytest.mark.parametrize("command", INLINE)
def test_a_command_in_a_sentence_is_understood(command: str) -> None:
    if command.startswith("make "):
        if shutil.which("make") is None:
            pytest.skip("make is not installed")
        find_target(command)
    else:
        whole = command.replace(" …", "").replace(" N", " 2")
        read_arguments(whole.replace("precompute run", f"precompute {RUN}"))
