"""Live shows two proteins as one input of a model, and says in a sentence where it cannot."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.live.arcs import Rule, choose_arcs
from precompute.live.getting.inputs import open_source
from precompute.live.getting.pair import pair_proteins
from precompute.live.running.read_two import attend_two
from precompute.live.running.two import LINKER, Two
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import WEIGHTS_VARIABLE, Weights
from tests import plus_checkpoints
from tests.captions import captions
from tests.checkpoints import make_checkpoint
from tests.pages.test_live import SECONDS, address, control, drawn_arcs, notes, scene, sent, start


@pytest.fixture(autouse=True)
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where checkpoints are kept that the server may use; no results."""
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    return tmp_path


def settle(app: AppTest) -> AppTest:
    """Run the page anew until the attention is there."""
    end = time.monotonic() + SECONDS
    while not app.select_slider:
        assert time.monotonic() < end, notes(app, "alert")
        for button in app.button:
            if str(button.key).endswith("_begin"):
                button.click()
        time.sleep(0.2)
        app.run()
        assert not app.exception
    return app


def test_a_pair_is_drawn_as_its_address_says(weights: Path) -> None:
    folder = make_checkpoint(weights / "prot_bert", "prot_bert", max_position_embeddings=400)
    asked = {
        "protein": "example:1MVO",
        "second": "example:1T8K",
        "model": "prot_bert",
        "layer": "2",
        "head": "3",
        "threshold": "0.05",
        "by": "crossing",
    }
    app = settle(start(**asked))
    assert notes(app, "alert") == []
    first, second = open_source("example:1MVO"), open_source("example:1T8K")
    pair = pair_proteins(first, second)
    adapter = Checkpoint(MODELS["prot_bert"], Weights(folder, "test")).load()
    attention = attend_two(adapter, Two(first.sequence, second.sequence))
    expected = choose_arcs(attention.head(2, 3), pair, Rule(0.05)).frame
    between = int(expected["between"].sum())
    assert 0 < between < len(expected)
    assert drawn_arcs(app) == {
        (int(i), int(j)) for i, j in zip(expected["i"] - 1, expected["j"] - 1, strict=True)
    }
    assert (scene(app)["chain"], scene(app)["other"]) == ("A", "B")
    assert any("was not trained on pairs" in note for note in notes(app))
    assert attention.together is not None
    assert f"arcs, {between} of them between the two" in " ".join(captions(app))
    crossing = 100 * attention.together.crossing()[1, 2]
    assert f"{crossing[0]:.1f} % goes to 1T8K" in " ".join(captions(app))
    assert f"{crossing[1]:.1f} % goes to 1MVO" in " ".join(captions(app))
    assert control(app.selectbox, "Compare heads by").value == "crossing"
    # Another second protein stands in the address, and none leaves it.
    (kind,) = [box for box in app.selectbox if box.label == "Second protein"]
    assert kind.value == "example"
    (listed,) = [box for box in app.selectbox if box.key == "live_second_example"]
    assert not any(option.startswith("1MVO") for option in listed.options)
    listed.select("example:2FP7").run()
    assert address(app)["second"] == ["example:2FP7"]
    control(app.selectbox, "Second protein").select("none").run()
    assert not {"second", "second_kind", "second_chain"} & set(address(app))


def test_two_chains_are_read_with_a_linker_by_a_model_for_one_sequence(weights: Path) -> None:
    folder = make_checkpoint(weights / "esm2_t6_8m", "esm2_t6_8m", max_position_embeddings=400)
    plus_checkpoints.write_rnn(weights / "plus_rnn_base")
    app = settle(
        start(
            protein="example:1JYR",
            chain="A",
            second_kind="chain",
            second_chain="L",
            model="esm2_t6_8m",
            layer="1",
            head="2",
            threshold="0.05",
        )
    )
    first, second = (open_source("example:1JYR", chain) for chain in "AL")
    adapter = Checkpoint(MODELS["esm2_t6_8m"], Weights(folder, "test")).load()
    attention = attend_two(adapter, Two(first.sequence, second.sequence, LINKER))
    expected = choose_arcs(attention.head(1, 2), pair_proteins(first, second), Rule(0.05)).frame
    assert drawn_arcs(app) == {
        (int(i), int(j)) for i, j in zip(expected["i"] - 1, expected["j"] - 1, strict=True)
    }
    assert (scene(app)["chain"], scene(app)["other"]) == ("A", "L")
    assert any("a linker of 25 glycines" in note for note in notes(app))
    assert notes(app, "alert") == []
    # PLUS-RNN's alignment stands beside it.
    end = time.monotonic() + SECONDS
    while "holds the two for one family" not in " ".join(captions(app)):
        assert time.monotonic() < end
        for button in app.button:
            if str(button.key).endswith("_begin"):
                button.click()
        time.sleep(0.2)
        app.run()
    (text,) = [str(data) for data in sent(app) if "soft alignment" in str(data).lower()]
    assert "residue of L" in text
    rnn = plus_checkpoints.checkpoint(weights / "plus_rnn_base", "plus_rnn_base").load()
    said = attend_two(rnn, Two(first.sequence, second.sequence)).together
    assert said is not None
    assert said.same_family is not None
    assert f"with a probability of {said.same_family:.3f}" in " ".join(captions(app))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"second_kind": "chain"}, "1MVO has no other chain that can be shown"),
        ({"second": "example:9ZZZ"}, "9ZZZ"),
        ({"second": "example:1MVO"}, "Both are chain A of 1MVO"),
        ({"second": "example:1T8K"}, "reads one protein of its families and no two"),
        ({"second": "example:1T8K", "model": "esm2_t6_8m"}, "ESM-2 8M takes no pairs"),
    ],
)
def test_what_is_no_pair_is_one_sentence(
    weights: Path, asked: dict[str, str], sentence: str
) -> None:
    make_checkpoint(weights / "esm2_t6_8m", "esm2_t6_8m", max_position_embeddings=400)
    app = start(**asked)
    said = notes(app, "alert")
    assert len(said) == 1, said
    assert said[0].count("<p ") == 1
    assert sentence in said[0]
    settle(app)  # the first is shown alone


def test_the_list_names_the_example_that_is_refused() -> None:
    app = start(second="example:1MVO")
    (box,) = [box for box in app.selectbox if box.key == "live_second_example"]
    assert box.value == "example:1MVO"
    box.select("example:1T8K").run()
    (box,) = [box for box in app.selectbox if box.key == "live_second_example"]
    assert box.value == "example:1T8K"
    assert not any(option.startswith("1MVO") for option in box.options)


def test_a_second_that_is_not_given_yet_leaves_the_first_alone() -> None:
    app = settle(start(second_kind="sequence"))
    assert notes(app, "alert") == []
    areas = [area for area in app.text_area if area.key == "live_second_letters"]
    areas[0].set_value("MKVLATTAGHEQMKVLA").run()
    (said,) = notes(app, "alert")
    assert "reads one protein of its families and no two" in said
    assert "second" not in address(app)
    assert "MKVLATTAGH" not in str(address(app))
    areas = [area for area in app.text_area if area.key == "live_second_letters"]
    areas[0].set_value("MKV1").run()
    assert len(notes(app, "alert")) == 1


def test_a_pair_too_long_is_cut_and_said(weights: Path) -> None:
    make_checkpoint(weights / "prot_bert", "prot_bert", max_position_embeddings=120)
    app = settle(start(second="example:1T8K", model="prot_bert"))
    (said,) = [note for note in notes(app) if "longer than what is read" in note]
    assert "cut from the end of the longer one" in said
    # 117 residues are read of 121 and 77.
    assert "by 62 of the first and 19 of the second" in said


def test_a_model_that_reads_from_front_to_back_says_what_it_cannot_see(weights: Path) -> None:
    make_checkpoint(weights / "progen2_small", "progen2_small", heads=4, width=32)
    app = settle(
        start(protein="example:1JYR", chain="A", second_kind="chain", model="progen2_small")
    )
    assert any("nothing goes from the first chain to the second" in note for note in notes(app))
    assert "0.0 % goes to L" in " ".join(captions(app))


def test_a_recurrent_network_is_not_asked_for_attention(weights: Path) -> None:
    plus_checkpoints.write_rnn(weights / "plus_rnn_base")
    app = settle(start(model="plus_rnn_base", second="example:1T8K"))
    for _ in range(2):  # a page that has waited for the attention still says it
        said = notes(app)
        assert "plus_rnn_base is a recurrent network and has no attention" in " ".join(said)
        app.run()
    assert control(app.selectbox, "Model").value == "demo"
    assert np.all(["plus_rnn" not in name for name in control(app.selectbox, "Model").options])
