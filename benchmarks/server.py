"""Serve a Streamlit script on this machine, and read its memory."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.options import ROOT

BARE_PAGE = ROOT / "benchmarks/bare_page.py"
BARE_CHANGE = ROOT / "benchmarks/bare_change.py"
BARE_SWITCH = ROOT / "benchmarks/bare_switch.py"
ATLAS = ROOT / "serve.py"


@dataclass(frozen=True)
class Server:
    """A running server: its address, its process, and the seconds until it answered."""

    address: str
    pid: int
    start: float

    @property
    def port(self) -> int:
        """The port that the address names."""
        return urlsplit(self.address).port or 0

    def megabytes(self) -> float:
        """Resident memory of the server's own process, MB of 2²⁰ bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


_PORTS = range(20_000, 32_768)
"""Below those that Linux takes for outgoing connections, one of which may come in between."""


def free_port() -> int:
    """Give a port of this machine that nobody listens on; seldom one that another will ask for."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def serve(script: Path, *, port: int = 0, **variables: str) -> Iterator[Server]:
    """Serve a script with the published tables and the demo's results, and no other.

    Parameters
    ----------
    script
        What Streamlit runs.
    port
        Where; a free one if it is not named.
    variables
        Of the process's environment, before those of this one.

    Raises
    ------
    RuntimeError
        When the server ends by itself.
    """
    port = port or free_port()
    environment = {name: value for name, value in os.environ.items() if name != "ATLAS_DEMO"}
    environment |= {"ATLAS_RESULTS": "", "PYTHONPATH": str(ROOT), **variables}
    base = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    begun = time.perf_counter()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", str(script)),
            *("--server.port", str(port), "--server.headless", "true"),
            *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}" + (f"/{base}" if base else "")
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            if process.poll() is not None:
                raise RuntimeError(f"the server of {script.name} ended by itself")
            time.sleep(0.01)
        yield Server(address, process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait()
