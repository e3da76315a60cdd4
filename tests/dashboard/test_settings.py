"""What is set wrongly is said before anything is served, and never taken for something else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.server import free_port
from dashboard.page.settings import odd_settings, wrong_settings
from dashboard.results.folders import results_folders
from precompute.demo import RESULTS_FOLDER
from precompute.live.running.inference import downloads_allowed

ROOT = Path(__file__).parents[2]
NUMBERS = ("ATLAS_MAX_RESIDUES", "ATLAS_MAX_UPLOAD", "ATLAS_LIVE_CELLS", "ATLAS_LIVE_BYTES")
SWITCHES = ("ATLAS_DEMO", "ATLAS_LOGIN", "ATLAS_LIVE_DOWNLOADS", "ATLAS_LOG")
URLS = ("ATLAS_RCSB_URL", "ATLAS_ALPHAFOLD_URL", "ATLAS_ESMFOLD_URL")
NO_NUMBERS = ("many", "-5", "1.5", "1e6", "100 MB", "1_000", "1,000", "²", "9" * 18, "9" * 5000)
NO_URLS = ("example.org", "file:///etc", "http://", "http://[", "http://a:b", "http://a:99999")


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("ATLAS_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((name, text) for name in NUMBERS for text in NO_NUMBERS),
        *((name, "0") for name in NUMBERS if name != "ATLAS_LIVE_BYTES"),
        ("ATLAS_MAX_UPLOAD", "9000000"),  # the system has no clock for its time of reading
        *((name, text) for name in SWITCHES for text in ("2", "maybe", "00")),
        *((name, text) for name in URLS for text in NO_URLS),
    ],
    ids=lambda given: given[:40],
)
def test_what_means_nothing_is_one_sentence(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wrong_settings() == []
    monkeypatch.setenv(name, text)
    (said,) = wrong_settings()
    assert said.startswith(name)
    assert said.endswith(".")
    assert len(said) < 200


@pytest.mark.parametrize("name", [*NUMBERS, *SWITCHES, *URLS])
def test_an_empty_setting_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, " ")
    assert wrong_settings() == []


@pytest.mark.parametrize(("text", "on"), [("0", False), ("false", False), ("No", False), ("1", 1)])
def test_a_switch_is_what_it_says(text: str, on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SWITCHES:
        monkeypatch.setenv(name, text)
    assert downloads_allowed() == on
    assert (str(RESULTS_FOLDER) in results_folders()) == on
    asked = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert ("asks for a login" in " ".join(one.value for one in asked.text)) == on


def test_what_does_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_CACHE", str(tmp_path))
    assert list(odd_settings()) == []
    (tmp_path / "file").touch()
    for name, text in {
        "ATLAS_RESULT": "/results",
        "ATLAS_QUITE_ELSE": "1",
        "ATLAS_WEIGHTS": str(tmp_path / "weights"),
        "ATLAS_CACHE": str(tmp_path / "file" / "cache"),
        "ATLAS_VIEWER": "pymol",
        "ATLAS_MAX_UPLOAD": "200",
    }.items():
        monkeypatch.setenv(name, text)
    assert wrong_settings() == []
    said = "\n".join(odd_settings())
    assert "ATLAS_RESULT is no setting and does nothing: is ATLAS_RESULTS meant?" in said
    assert "ATLAS_QUITE_ELSE is no setting and does nothing; docs/hosting.md" in said
    assert "ATLAS_WEIGHTS names no folder that is there" in said
    assert "ATLAS_CACHE: entries cannot be kept there" in said
    assert "ATLAS_VIEWER names no viewer" in said
    assert "set STREAMLIT_SERVER_MAX_UPLOAD_SIZE too" in said
    assert str(tmp_path) not in said


def test_a_server_that_is_set_wrongly_does_not_start() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(free_port())],
        cwd=ROOT,
        env={**os.environ, "ATLAS_MAX_UPLOAD": "many", "ATLAS_LIVE_DOWNLOADS": "maybe"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "ATLAS_MAX_UPLOAD is “many”: give a whole number from 1 to 100,000, without commas, or "
        "leave it out.",
        "ATLAS_LIVE_DOWNLOADS is “maybe”: give 1 or 0, or leave it out.",
    ]


def test_pages_alone_say_it_in_place_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_MAX_UPLOAD", "many")
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert not app.exception
    (said,) = [one.value for one in app.error]
    assert "whole number from 1 to 100,000" in said
    assert not app.main.get("html")
