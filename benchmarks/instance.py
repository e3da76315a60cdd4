"""An instance as a lab hosts it: processes of the dashboard behind nginx, on this machine.

``python -m benchmarks.instance`` starts one with two processes, says its address, and ends it
with Control-C.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import ROOT
from benchmarks.server import ATLAS, Server, free_port, serve

CONFIGURATION = ROOT / "deploy/nginx.conf"
PORTS = ("8501", "8502")
"""Of the processes, in nginx's configuration: one a process."""


@dataclass(frozen=True)
class Instance:
    """What is running: the address of the whole, its processes, and nginx's main process."""

    address: str
    servers: tuple[Server, ...]
    proxy: int | None = None


def find_nginx() -> str | None:
    """Find nginx, which Debian puts where only root's path leads."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def serve_instance(
    processes: int,
    script: Path = ATLAS,
    changed: Mapping[str, str] | None = None,
    *,
    port: int = 0,
    **environment: str,
) -> Iterator[Instance]:
    """Serve the dashboard by one process alone, or by two behind nginx.

    Parameters
    ----------
    processes
        One or two.
    script
        What Streamlit serves.
    changed
        Texts of nginx's configuration, and what stands in their place.
    port
        Where nginx listens; a free one if it is not named.
    environment
        Further variables of the processes.
    """
    with contextlib.ExitStack() as stack:
        servers = tuple(stack.enter_context(serve(script, **environment)) for _ in range(processes))
        if processes == 1:
            yield Instance(servers[0].address, servers)
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="atlas-proxy-")))
        port = port or free_port()
        text = configure([server.port for server in servers], port, folder, changed)
        proxy = stack.enter_context(_nginx(text, folder))
        base = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
        address = f"http://127.0.0.1:{port}" + (f"/{base}" if base else "")
        _wait(address, proxy, folder)
        yield Instance(address, servers, proxy.pid)


def configure(
    ports: list[int], port: int, folder: Path, changed: Mapping[str, str] | None = None
) -> str:
    """Give the configuration with this machine's ports and a folder of its own.

    Parameters
    ----------
    ports
        Of the processes, as many as `PORTS`.
    port
        Where nginx listens.
    folder
        What takes the place of ``/tmp``.
    changed
        As in `serve_instance`.

    Raises
    ------
    ValueError
        When something that is to be changed is not there.
    """
    text = CONFIGURATION.read_text(encoding="utf-8")
    places = {f":{old}": f":{new}" for old, new in zip(PORTS, ports, strict=True)}
    places |= {"app1": "127.0.0.1", "app2": "127.0.0.1", " /tmp/": f" {folder}/"}
    places |= {"listen 8080": f"listen 127.0.0.1:{port}", **(changed or {})}
    for old, new in places.items():
        if old not in text:
            raise ValueError(f"{CONFIGURATION.name} has no “{old}”")
        text = text.replace(old, new)
    return text.replace("/dev/stdout", f"{folder}/access.log")


@contextlib.contextmanager
def _nginx(text: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = find_nginx()
    if program is None:
        raise FileNotFoundError("no nginx here (Debian: apt-get install nginx)")
    configuration = folder / "nginx.conf"
    configuration.write_text(text, encoding="utf-8")
    rights = "" if os.geteuid() else " user root;"  # whose folder it is
    with (folder / "error.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(program, "-p", str(folder), "-c", str(configuration), "-e", "stderr"),
                *("-g", f"daemon off;{rights}"),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, proxy: subprocess.Popen[bytes], folder: Path) -> None:
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
            return
        if proxy.poll() is not None:
            raise RuntimeError((folder / "error.log").read_text(encoding="utf-8"))
        time.sleep(0.05)


def main() -> None:
    """Serve until it is interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with serve_instance(2) as instance, contextlib.suppress(KeyboardInterrupt):
        names = ", ".join(str(server.pid) for server in instance.servers)
        print(f"{instance.address} (processes {names})", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
