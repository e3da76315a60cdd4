"""The SLURM example, with a stand-in for SLURM.

The stand-in is a `sbatch` that reads the job script's directives as SLURM does, refuses
those that it does not know, and runs the script as a process of its own; a `scancel` ends
it. So dask-jobqueue, the job script, the workers, the scheduler and the run are real.
There is no queue and no second machine, and `--gres=gpu:1` is read but gives no GPU.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.precompute.engines.runs import Request, assert_same_tables

PATIENCE = 200
ROOT = Path(__file__).parents[3]

SBATCH = r"""#!{python}
import argparse, contextlib, itertools, os, pathlib, re, subprocess, sys

state = pathlib.Path({state!r})
script = pathlib.Path(sys.argv[1]).read_text()
assert script.startswith("#!"), "sbatch: error: This does not look like a batch script"
parser = argparse.ArgumentParser(prog="sbatch", exit_on_error=True)
parser.add_argument("-J"), parser.add_argument("-p"), parser.add_argument("-n", type=int)
parser.add_argument("-t"), parser.add_argument("-e"), parser.add_argument("-o")
parser.add_argument("--cpus-per-task", type=int), parser.add_argument("--mem")
parser.add_argument("--gres")
directives = re.findall(r"^#SBATCH (.*)$", script, re.M)
given = parser.parse_args([part for line in directives for part in line.split()])
for number in itertools.count(1):  # two may be submitted at once
    job = state / f"{{number}}.sh"
    with contextlib.suppress(FileExistsError), job.open("x") as file:
        file.write(script)
        break
def log(name):
    path = pathlib.Path(name.replace("%J", str(number)))
    return path.open("w")
process = subprocess.Popen(
    ["bash", str(job)],
    env={{**os.environ, "SLURM_JOB_ID": str(number)}},
    stdout=log(given.o), stderr=log(given.e), stdin=subprocess.DEVNULL, start_new_session=True,
)
(state / f"{{number}}.pid").write_text(str(process.pid))
print(f"Submitted batch job {{number}}")
"""
SCANCEL = r"""#!{python}
import os, pathlib, signal, sys

state = pathlib.Path({state!r})
for number in sys.argv[1:]:
    try:
        os.killpg(int((state / f"{{number}}.pid").read_text()), signal.SIGTERM)
    except ProcessLookupError:
        sys.exit(f"scancel: error: Kill job error on job id {{number}}: Invalid job id specified")
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """Put `sbatch` and `scancel` into a folder for PATH; give the folder of their jobs."""
    programs, state = tmp_path / "bin", tmp_path / "jobs"
    programs.mkdir()
    state.mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        program = programs / name
        program.write_text(text.format(python=sys.executable, state=str(state)))
        program.chmod(0o755)
    return state


def test_the_slurm_example_runs(request_run: Request, stand_in: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    example = ROOT / "docs" / "slurm.py"
    work = tmp_path / "work"
    work.mkdir()
    options = [*request_run.arguments[1:], "--out", str(out), "--device", "cpu"]
    done = subprocess.run(
        [sys.executable, str(example), "2", *options],
        cwd=work,
        env={
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"dashboard: http://", done.stderr)
    scripts = sorted(stand_in.glob("*.sh"))
    assert len(scripts) >= 2
    assert "#SBATCH --gres=gpu:1" in scripts[0].read_text()
    assert "--nthreads 8" in scripts[0].read_text()
    # a job has eight threads of torch, this process as many as there are cores
    assert_same_tables(out, request_run.expected, threads_differ=True)
    deadline = time.monotonic() + PATIENCE
    while jobs := running_jobs(stand_in):  # `scancel` asks; a worker takes leave
        assert time.monotonic() < deadline, jobs
        time.sleep(0.1)


def running_jobs(state: Path) -> list[psutil.Process]:
    """Find what is left of the jobs' process groups; who has ended but is not buried is not."""
    groups = {int(pid.read_text()) for pid in state.glob("*.pid")}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) in groups and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_the_documents_show_the_example() -> None:
    code = (ROOT / "docs" / "slurm.py").read_text().split('"""', 2)[2].strip()
    shown = re.findall(r"```python\n(.*?)```", (ROOT / "docs/cluster.md").read_text(), re.S)
    assert code in [block.strip() for block in shown]
