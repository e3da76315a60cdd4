"""Whole maps of one protein as a file: size first, made by the model, equal to its attention."""

from __future__ import annotations

import io
import time

import h5py
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages.live.waiting import service
from precompute.live.getting.inputs import open_source
from precompute.live.running.inference import Offer
from precompute.live.running.maps import MapsBytes, WantedMaps, maps_size
from precompute.live.running.queue import Job
from precompute.models import find_model
from precompute.models.loading import Checkpoint
from precompute.models.weights import cached_weights
from tests.pages.test_live import (
    SECONDS,
    _no_results,  # noqa: F401
    live,
    notes,
    settle,
)

HEADS = ((0, 2), (0, 7))


def test_the_file_holds_the_models_own_attention() -> None:
    model = find_model("demo")
    weights = cached_weights(model)
    assert weights is not None
    letters = open_source("example:1MVO").sequence
    offer = Offer(model, weights)
    wanted = WantedMaps("1MVO/x", HEADS)
    job = service().ask(offer, letters, "test", maps=wanted)
    assert isinstance(job, Job)
    assert job.finished.wait(120)
    assert job.problem == ""
    assert isinstance(job.result, MapsBytes)
    assert service().find(offer, letters, maps=wanted) is job.result
    assert service().find(offer, letters) is not job.result
    checkpoint = Checkpoint(model, weights)
    adapter = checkpoint.load()
    encoding = adapter.encode(letters)
    layers: list[np.ndarray] = []
    adapter.attend([encoding], lambda _, p: layers.append(p[0].numpy().copy()))
    placed = np.flatnonzero(encoding.residues >= 0)
    places = encoding.residues[placed]
    with h5py.File(io.BytesIO(job.result.data)) as file:
        assert file.attrs["model"] == "demo"
        assert file.attrs["weights_sha256"] == checkpoint.sha256()
        assert list(zip(file["layer"], file["head"], strict=True)) == [(1, 3), (1, 8)]
        group = file["1MVO%2Fx"]
        assert group.attrs["sequence"] == letters
        maps = group["attention"]
        assert maps.dtype == np.float16
        assert maps.shape == (2, len(letters), len(letters))
        assert maps.size * 2 == maps_size(len(letters), 2)
        for row, (layer, head) in enumerate(HEADS):
            expected = np.full((len(letters), len(letters)), np.nan, dtype=np.float16)
            own = layers[layer][head][placed][:, placed]
            expected[places[:, None], places[None]] = own.astype(np.float16)
            np.testing.assert_array_equal(maps[row], expected)


def opened() -> tuple[AppTest, list[str]]:
    """The page with the choice unfolded, and what can be chosen."""
    app = live(layer="1", head="3")
    app.session_state["live_maps"] = True
    app.run()
    return app, list(next(box.options for box in app.selectbox if box.label == "Heads"))


def test_the_size_is_said_first_and_the_file_is_made_when_it_is_asked_for() -> None:
    app, options = opened()
    residues = len(open_source("example:1MVO"))
    size = f"{residues**2 * 2 / 1e6:.2g} MB before compression"
    assert options[0] == f"Head 1-3: {size}"
    assert [option.partition(":")[0] for option in options[1:]] == ["Layer 1", "All 16 heads"]
    assert not any(button.label.startswith("Maps, HDF5") for button in app.get("download_button"))
    next(button for button in app.button if button.label == "Make the file").click().run()
    settle(app)
    end = time.monotonic() + SECONDS
    while not any("Maps, HDF5" in button.proto.label for button in app.get("download_button")):
        assert time.monotonic() < end, "no file"
        time.sleep(0.2)
        app.run()
        assert not app.exception


def test_all_heads_stay_chosen_whatever_head_is_drawn() -> None:
    app, options = opened()
    heads = next(box for box in app.selectbox if box.label == "Heads")
    heads.select("all").run()
    app.selectbox(key="live_head").select("5").run()
    settle(app)
    heads = next(box for box in app.selectbox if box.label == "Heads")
    assert heads.options[0].startswith("Head 1-5: ")
    assert heads.options[2] == options[2]
    assert heads.value == "all"


def test_what_is_larger_than_the_server_hands_out_is_not_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.pages.live.whole_maps.largest_file", lambda: 0.1)
    app, options = opened()
    assert [option.partition(":")[0] for option in options] == ["Head 1-3"]
    assert any("is not handed out here" in note for note in notes(app))
