"""The Live page: a protein, a model, a head; what the address asks for is what is drawn."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.pages.live import waiting
from dashboard.pages.live.waiting import service
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.examples import load_example
from precompute.live.arcs import Rule, choose_arcs
from precompute.live.getting import reading
from precompute.live.getting.inputs import open_source
from precompute.live.running.attention import SparseAttention, attend
from precompute.live.running.messages import Request
from precompute.live.running.queue import Job
from precompute.live.settings import MEGABYTES_VARIABLE
from precompute.models import find_model
from precompute.models.loading import Checkpoint
from precompute.models.weights import cached_weights
from tests.captions import captions
from tests.charts import given
from tests.precompute.worst_structures import mmcif, short_chain_row

PAGE = Path(__file__).parents[2] / "pages/2_Live.py"
SECONDS = 90.0


@pytest.fixture(autouse=True)
def _no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")


def start(**parameters: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def settle(app: AppTest) -> AppTest:
    """Run the page anew until the attention is there, or a sentence says why not."""
    end = time.monotonic() + SECONDS
    while not app.select_slider and not notes(app, "alert"):
        assert time.monotonic() < end, "no attention"
        time.sleep(0.2)
        app.run()
        assert not app.exception
    return app


def live(**parameters: str | list[str]) -> AppTest:
    return settle(start(**parameters))


def notes(app: AppTest, role: str = "status") -> list[str]:
    """Small notes, or with the role alert the sentences about what cannot be shown."""
    return [e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body]


def sent(app: AppTest) -> list[dict[str, Any]]:
    """What each component of the page was sent."""
    return [data for data in map(given, app.get("bidi_component")) if data]


def scene(app: AppTest) -> dict[str, Any]:
    """What the 3D view draws over the structure."""
    (found,) = [data["scene"] for data in sent(app) if "scene" in data]
    return dict(found)


def drawn_arcs(app: AppTest) -> set[tuple[int, int]]:
    return {(a, b) for group in scene(app)["arcs"] for a, b, _ in group["ends"]}


def address(app: AppTest) -> dict[str, list[str]]:
    written = dict(app.query_params)
    return {name: [v] if isinstance(v, str) else list(v) for name, v in written.items()}


def control(elements: Any, label: str) -> Any:
    (found,) = [element for element in elements if element.label == label]
    return found


@pytest.fixture(scope="module")
def attention() -> SparseAttention:
    """The first example under the demo model, computed here."""
    weights = cached_weights(find_model("demo"))
    assert weights is not None
    adapter = Checkpoint(find_model("demo"), weights).load()
    return attend(adapter, open_source("example:1MVO").sequence)


def test_the_default_is_an_example_under_the_demo_model(attention: SparseAttention) -> None:
    app = live()
    assert notes(app, "alert") == []
    assert address(app) == {}
    protein = open_source("example:1MVO")
    assert any(text.value.startswith("1MVO, chain A") for text in app.text)
    layer, head = 1, 1
    shown = next(one for one in captions(app) if one.startswith("Head "))
    layer, head = (int(part) for part in shown.split()[1].split(":")[0].split("-"))
    expected = choose_arcs(attention.head(layer, head), protein, Rule(0.3)).frame
    pairs = zip(expected["i"] - 1, expected["j"] - 1, strict=True)
    assert drawn_arcs(app) == {(int(i), int(j)) for i, j in pairs}
    assert len(scene(app)["keys"]) == len(protein)


def test_a_deep_link_restores_the_view(attention: SparseAttention) -> None:
    app = live(
        protein="example:1MVO",
        layer="1",
        head="2",
        threshold="0.10",
        separation="6",
        direction="larger",
        colour="separation",
        labels="5",
        residue="51",
    )
    assert [note for note in notes(app) if "Ignored" in note] == []
    protein = open_source("example:1MVO")
    rule = Rule(0.1, "larger", 6)
    expected = choose_arcs(attention.head(1, 2), protein, rule).frame
    assert len(expected) > 0
    pairs = zip(expected["i"] - 1, expected["j"] - 1, strict=True)
    assert drawn_arcs(app) == {(int(i), int(j)) for i, j in pairs}
    words = (
        "Attention of at least 0.10, larger of both directions, residues at least 6 apart, n = 1"
    )
    assert any(words in one for one in captions(app))
    marked = protein.numbers.index("51")
    labels = scene(app)["labels"]
    assert [marked, protein.label(marked)] in labels
    assert len(labels) in (5, 6)


def test_several_heads_have_a_colour_each() -> None:
    app = live(layer="1", head="1", also=["1-2", "1-3"], threshold="0.10")
    colours = {group["colour"] for group in scene(app)["arcs"]}
    assert 1 < len(colours) <= 3


def test_a_marked_residue_has_its_arcs_of_every_head_said() -> None:
    app = live(layer="1", head="10", also="1-12", threshold="0.10", residue="97")
    (said,) = [text.value for text in app.text if text.value.startswith("A97")]
    protein = open_source("example:1MVO")
    place = protein.numbers.index("97")
    ends = {end for pair in drawn_arcs(app) if place in pair for end in pair}
    assert len(ends) > 2
    assert all(protein.label(end) in said for end in ends)
    assert "head 1-10: receives" in said
    assert "head 1-12: receives" in said
    assert "contacts C65" in said


def test_another_threshold_draws_other_arcs_and_is_in_the_address() -> None:
    app = live(layer="1", head="2")
    before = drawn_arcs(app)
    app.select_slider[0].set_value("0.10").run()
    assert not app.exception
    assert drawn_arcs(app) > before
    assert address(app)["threshold"] == ["0.10"]
    again = live(**address(app))
    assert drawn_arcs(again) == drawn_arcs(app)


def test_another_head_by_its_control() -> None:
    app = live()
    control(app.selectbox, "Head").set_value("4").run()
    assert address(app) == {"head": ["4"]}
    assert any(one.startswith("Head 1-4") for one in captions(app))


@pytest.mark.parametrize(
    "wrong",
    [
        {"protein": "pdb:../../etc"},
        {"protein": "nothing"},
        {"model": "gpt"},
        {"model": "<img src=x onerror=alert(1)>"},
        {"threshold": "0.31"},
        {"layer": "0"},
        {"head": "many"},
        {"also": "1-x"},
        {"colour": "red"},
        {"residue": "<b>1</b>"},
        {"selection": "<script>"},
        {"unknown": "1"},
    ],
)
def test_a_wrong_value_is_a_note(wrong: dict[str, str]) -> None:
    app = live(**wrong)
    text = "".join(notes(app))
    assert "Ignored" in text
    assert not any(tag in text for tag in ("<img", "<script", "<b>1"))
    assert drawn_arcs(app)


@pytest.mark.parametrize(
    ("far", "sentence"),
    [
        ({"layer": "77"}, "no layer 77"),
        ({"head": "77"}, "no head 77"),
        ({"also": "9-9"}, "further heads"),
        ({"residue": "9999"}, "no residue 9999"),
    ],
)
def test_what_this_model_or_chain_lacks_is_a_note(far: dict[str, str], sentence: str) -> None:
    app = live(**far)
    assert any(sentence in note for note in notes(app))
    assert drawn_arcs(app)


def test_a_sequence_of_no_family_is_told_so_and_its_structure_is_shown() -> None:
    app = live(protein="example:1MHW")
    (alert,) = notes(app, "alert")
    assert "belongs to none" in alert
    assert scene(app)["arcs"] == []


def paste(text: str) -> AppTest:
    app = start()
    control(app.get("button_group"), "Protein").set_value("sequence").run()
    app.text_area[0].set_value(text).run()
    assert not app.exception
    return settle(app)


def test_a_pasted_sequence_has_a_map_and_never_enters_the_address() -> None:
    sequence = open_source("example:1MVO").sequence
    app = paste(f">mine <b>bold</b>\n{sequence}")
    assert notes(app, "alert") == []
    assert not any("scene" in data for data in sent(app))
    assert any("attending residue" in data.get("figure", "") for data in sent(app))
    assert "protein" not in address(app)
    assert sequence[:20] not in json.dumps(address(app))
    assert "<b>bold" not in "".join(json.dumps(data) for data in sent(app))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ACGTACGTACGTACGT", "DNA"),
        ("MKV-LAT", "gaps"),
        ("M" * 3000, "takes"),
        ("M", "two or more"),
        ("<script>alert(1)</script>", "no sequence"),
    ],
)
def test_a_bad_sequence_is_one_sentence(text: str, sentence: str) -> None:
    (alert,) = notes(paste(text), "alert")
    assert sentence in alert
    assert "<script" not in alert


def upload(name: str, content: bytes) -> AppTest:
    app = start()
    control(app.get("button_group"), "Protein").set_value("upload").run()
    app.file_uploader[0].set_value((name, content, "text/plain"))
    app.run()
    assert not app.exception
    return settle(app)


def test_an_uploaded_structure_is_drawn_and_never_enters_the_address() -> None:
    example = load_example("1MVO")
    app = upload("mine.pdb", example.structure_text.encode())
    assert notes(app, "alert") == []
    assert drawn_arcs(app)
    assert "protein" not in address(app)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"data_x\nloop_\n_atom_site.id\n1 2 3\n", "mine.cif"),
        (b"HEADER    NOTHING\nEND\n", "holds no atoms"),
    ],
)
def test_a_bad_file_is_one_sentence(content: bytes, sentence: str) -> None:
    (alert,) = notes(upload("mine.cif", content), "alert")
    assert sentence in alert


def test_a_file_that_takes_too_long_is_left_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(MEGABYTES_VARIABLE, "2")
    monkeypatch.setattr(reading, "LEAST_SECONDS", 0.2)
    app = upload("mine.cif", mmcif(short_chain_row).encode())
    (alert,) = notes(app, "alert")
    assert "mine.cif takes more than 1 s to read" in alert
    monkeypatch.setattr(reading, "LEAST_SECONDS", 60.0)
    assert notes(app.run(), "alert") == [alert]


def test_heads_are_compared_by_a_selection_and_by_a_residue() -> None:
    app = live(by="selection", selection="50-60")
    assert any("11 chosen residues" in one for one in captions(app))
    app = live(by="marked", residue="51")
    assert any("attention that goes to" in one for one in captions(app))
    app = live(by="selection", selection="9999")
    assert any("no residue 9999" in note for note in notes(app, "alert"))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A model that reads until the test lets it end."""
    open_gate, worker = threading.Event(), service().worker
    real = worker.run

    def run(request: Request, job: Job[SparseAttention]) -> SparseAttention:
        job.stage = "The model reads"
        while not open_gate.wait(0.02):
            job.report(3, 10)
        return real(request, job)

    monkeypatch.setattr(worker, "run", run)
    yield open_gate
    open_gate.set()


def progress(app: AppTest) -> list[str]:
    return [element.proto.text for element in app.get("progress")]


def test_progress_place_and_cancel(slow: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    # AppTest calls every session the same.
    monkeypatch.setattr(
        waiting, "visitor", lambda: st.session_state.setdefault("own", secrets.token_hex())
    )
    first = start(protein="example:2O37")
    end = time.monotonic() + SECONDS
    while progress(first.run()) != ["The model reads: layer 3 of 10"]:
        assert time.monotonic() < end, "what an earlier test left may still be stopped"
        time.sleep(0.2)
    assert scene(first)["arcs"] == []  # the structure is there already
    second = start(protein="example:1GN0")
    assert progress(second) == ["Waiting: one protein is before yours."]
    same = start(protein="example:2O37")
    assert progress(same) == ["The model reads: layer 3 of 10"]
    control(second.button, "Cancel").click().run()
    second.run()
    assert any("Cancelled" in note for note in notes(second))
    slow.set()
    assert drawn_arcs(settle(first))
    assert drawn_arcs(settle(same))
    control(second.button, "Try again").click().run()
    assert drawn_arcs(settle(second))


def test_cleared_caches_start_no_second_service() -> None:
    live()
    before, process = service(), service().worker.process_id
    assert process is not None
    st.cache_resource.clear()
    st.cache_data.clear()
    live()
    assert service() is before
    assert service().worker.process_id == process


def test_what_takes_long_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service().speed, "seconds", lambda model, residues: 125.0)
    app = start(protein="example:1OAP")
    assert any("takes about 2 min" in text.value for text in app.text)
    assert scene(app)["arcs"] == []
    control(app.button, "Compute the attention").click().run()
    assert drawn_arcs(settle(app))


def test_the_server_never_imports_torch() -> None:
    script = (
        "import sys, time\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(PAGE)!r}, default_timeout=60).run()\n"
        f"end = time.time() + {SECONDS}\n"
        "while not app.select_slider and time.time() < end:\n"
        "    time.sleep(0.2)\n"
        "    app.run()\n"
        "assert app.select_slider and not app.exception\n"
        "print(sorted({'torch', 'transformers', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PAGE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
