"""The health check against a server that is well, ill, or not there."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from dashboard import health
from dashboard.health import deep
from dashboard.pages.live.waiting import service
from tests.browser.live_app import served
from tests.server import serve

SERVE = (Path(__file__).parents[2] / "serve.py").read_text()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/lab/atlas/_stcore/health" else 503)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(running.server_port))
        yield running
        running.shutdown()


def test_well(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "/lab/atlas/")
    assert health.main([]) == 0


def test_ill(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STREAMLIT_SERVER_BASE_URL_PATH", raising=False)
    assert health.main([]) == 1


@pytest.mark.parametrize("asked", [[], ["--deep"]])
def test_not_there(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with HTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(port))
    assert health.main(asked) == 1
    said = capsys.readouterr().err
    assert str(port) in said
    assert said.count("\n") == 1


def children(folder: Path) -> list[psutil.Process]:
    return psutil.Process(int((folder / "server").read_text())).children()


def wait_until_gone(process: psutil.Process) -> None:
    _, alive = psutil.wait_procs([process], timeout=60)
    assert not alive


def test_deep_sees_pages_results_and_the_process_that_runs_models(
    tmp_path: Path, results_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"ATLAS_RESULTS": f"{results_folder},{tmp_path / 'no such folder'}"}
    with served(
        tmp_path, library=False, base="lab/atlas", script="serve.py", settings=settings
    ) as address:
        while health.main(["--deep", address]):  # a busy machine may be slow to start models
            assert "does not answer" in capsys.readouterr().err
        line = capsys.readouterr().out
        assert list(map(int, re.findall(r"\d+", line))) == [2, 1]
        assert line.endswith("answers\n")
        with pytest.raises(health.Ill, match=r"no page Nowhere"):
            health.check_page(address.rstrip("/"), "Nowhere", 30)


def test_deep_sees_a_process_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep, "PATIENCE", 1.0)
    worker = service().worker
    worker.start()
    assert worker.process_id is not None
    os.kill(worker.process_id, signal.SIGSTOP)
    stopped = psutil.Process(worker.process_id)
    look = deep.Deep().look
    assert look() == (503, "The process that runs models does not answer.")
    stopped.send_signal(signal.SIGCONT)
    assert look()[0] == 503  # an answer holds for a moment
    monkeypatch.setattr(deep, "PATIENCE", 120.0)
    # It is the same process, which was only slow, and its late answers confuse nobody.
    assert deep.Deep().look()[0] == 200
    assert worker.process_id == stopped.pid
    stopped.kill()
    stopped.wait()
    assert deep.Deep().look()[0] == 200
    assert worker.process_id != stopped.pid
    worker.end()


def test_deep_sees_a_page_that_raises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = "from dashboard.pages.home import view\nview.draw_introduction = lambda: 1 / 0\n"
    with served(tmp_path, library=False, entry=broken + SERVE, script="serve.py") as address:
        assert health.main(["--deep", address]) == 1
    assert capsys.readouterr().err == "The page Home ended with an error.\n"
    log = (tmp_path / "log").read_text()
    assert "ZeroDivisionError" in log
    assert "outcome=failed" in log


def test_a_server_with_a_name_is_asked_under_it_and_no_proxy_is_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", "*.lab.example other.example")
    with serve(tmp_path / "log", "serve.py") as place:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert health.check(f"http://{place}", deep=False) == "ok"
        health.check_page(f"http://{place}", "", 60)


@pytest.mark.parametrize(
    "address", ["here", "http://", "http://[", "http://a:b", "http://a:99999", "file:///etc/passwd"]
)
@pytest.mark.parametrize("how", [[], ["--deep"]])
def test_what_is_no_address_is_one_sentence(
    address: str, how: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert health.main([*how, address]) == 1
    said = capsys.readouterr().err
    assert "is no http or https address" in said
    assert said.count("\n") == 1


def test_deep_says_that_the_server_cannot_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(tmp_path, library=False) as address:
        assert health.main(["--deep", address]) == 1
    assert "was not started by serve.py" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("how", "script"),
    [
        (signal.SIGTERM, "serve.py"),
        (signal.SIGTERM, "streamlit_app.py"),
        (signal.SIGKILL, "serve.py"),
    ],
)
def test_a_server_that_ends_leaves_no_process_behind(
    how: signal.Signals, script: str, tmp_path: Path
) -> None:
    with served(tmp_path, library=False, script=script) as address:
        for _ in health.visit(address.rstrip("/"), "Live", 60):
            pass
        worker, reader = children(tmp_path)
        os.kill(int((tmp_path / "server").read_text()), how)
        wait_until_gone(worker)
        wait_until_gone(reader)
