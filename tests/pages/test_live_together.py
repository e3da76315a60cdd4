"""Heads together on Live: asked for by address, ranked by runs or by the paper, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.contacts import find_contact_runs
from dashboard.results.loaded import RESULTS_VARIABLE, load, read_heads
from dashboard.results.sources import HeadSource
from dashboard.results.together import rank_heads
from precompute.contacts.causal import CAUSAL
from precompute.errors import AtlasError
from precompute.live.getting.inputs import open_source
from precompute.live.running.named import MODELS_VARIABLE
from precompute.live.running.together import attend_together
from precompute.live.together import predict
from precompute.models import MODELS
from precompute.published import read_published
from precompute.tables import CONTACT_HEADS, PUBLISHED_HEADS, read_table
from tests.captions import captions
from tests.checkpoints import make_checkpoint, own_checkpoint
from tests.pages.test_live import address, control, live, notes, sent, start
from tests.pages.test_live_own_models import settle


def own_run(folder: Path) -> str:
    """Give the key of the checkpoint that contacts were measured with, as addresses have it."""
    (run,) = find_contact_runs([str(folder)])[0].values()
    assert run.checkpoint is not None
    return run.checkpoint.key


def molecules(app: AppTest) -> list[dict[str, object]]:
    return [data["scene"] for data in sent(app) if "scene" in data]


def test_a_link_shows_the_mean_of_the_heads_a_run_ranks(
    contacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(contacts_folder))
    key = own_run(contacts_folder)
    app = live(model=key, together="yes", best="3", pair="10:40")
    settle(app, lambda: len(molecules(app)) == 2)
    assert notes(app, "alert") == []
    (run,) = find_contact_runs()[0].values()
    table = read_table(contacts_folder, CONTACT_HEADS, run=run.name).sort_values("rank")
    places = ((table["layer"] - 1) * 4 + table["head"] - 1).tolist()
    names = [f"{layer}-{head}" for layer, head in zip(table["layer"], table["head"], strict=True)]
    said = f"by precision on 20 proteins of proteinnet (run {run.name}): {', '.join(names[:3])}."
    assert f"Mean of the 3 best heads, {said}" in " ".join(captions(app)).replace("\\", "")
    assert run.checkpoint is not None
    protein = open_source("example:1MVO")
    adapter = own_checkpoint(Path(run.checkpoint.folder), "esm").load()
    predicted = predict(attend_together(adapter, protein.sequence, places), protein, 3)
    ends = {
        (int(i) - 1, int(j) - 1)
        for i, j in zip(predicted.pairs["i"], predicted.pairs["j"], strict=True)
    }
    scene = molecules(app)[1]
    assert {(a, b) for group in scene["arcs"] for a, b, _ in group["ends"]} == ends
    assert {ball["residue"] for ball in scene["balls"]} == {
        protein.numbers.index("10"),
        protein.numbers.index("40"),
    }
    precision = predicted.precision.set_index("separation")["L"]
    assert f"long {100 * precision['long']:.1f} %" in " ".join(captions(app))
    control(app.select_slider, "Heads in the mean").set_value("5").run()
    settle(app, lambda: "Mean of the 5 best heads" in " ".join(captions(app)))
    assert address(app)["best"] == ["5"]
    assert address(app)["pair"] == ["10:40"]
    assert address(app)["together"] == ["yes"]


def test_more_heads_than_are_ranked_are_all_of_them(
    contacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(contacts_folder))
    app = live(model=own_run(contacts_folder), together="yes", best="50")
    settle(app, lambda: len(molecules(app)) == 2)
    assert any("8 heads are ranked" in note for note in notes(app))
    assert "Mean of the 8 best heads" in " ".join(captions(app))


@pytest.mark.parametrize("best", ["0", "51", "-1", "ten", "1.5"])
def test_no_such_number_of_heads_is_said(best: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = live(together="no", best=best)
    assert any("best" in note for note in notes(app))
    assert notes(app, "alert") == []


def test_a_model_that_nothing_ranks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    folder = make_checkpoint(tmp_path / "mine", "esm2_t6_8m", max_position_embeddings=400)
    monkeypatch.setenv(MODELS_VARIABLE, f"mine={folder}")
    app = live(model="mine", together="yes")
    settle(app, lambda: notes(app, "alert"))
    (said,) = notes(app, "alert")
    assert "Which heads of mine follow contacts is not known here" in said
    assert "python -m precompute contacts" in said
    assert len(molecules(app)) == 1


def test_what_a_bare_sequence_lacks_is_not_said(
    contacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(contacts_folder))
    app = start(model=own_run(contacts_folder), together="yes", kind="sequence")
    app.text_area[0].set_value("MKTAYIAKQRQISFVKSHFSRQLEERLG").run()
    settle(app, lambda: "Mean of the 8 best heads" in " ".join(captions(app)))
    assert notes(app, "alert") == []
    assert "are contacts" not in " ".join(captions(app))
    assert "pair" not in address(app)


def test_the_papers_models_are_ranked_by_its_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    table = read_published(PUBLISHED_HEADS)
    for name, model in MODELS.items():
        if not model.in_paper:
            continue
        ranking = rank_heads(model, name, (model.layers, model.heads), load())
        own = table[(table["model"] == name) & (table["feature"] == "contact")]
        own = own.dropna(subset="percent").sort_values("percent", ascending=False)
        best = own.iloc[0]
        assert ranking.heads[0] == (best["layer"] - 1) * model.heads + best["head"] - 1
        assert len(ranking.heads) == len(own) >= 50
        assert len(set(ranking.heads)) == len(own)


def test_a_causal_model_is_refused_before_it_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    for model in (one for one in MODELS.values() if one.causal):
        with pytest.raises(AtlasError) as said:
            rank_heads(model, model.name, (model.layers, model.heads), load())
        assert str(said.value) == f"{model.label}: {CAUSAL}"


def test_grey_heads_rank_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    monkeypatch.setenv("ATLAS_DEMO", "1")
    loaded = load()
    (run,) = [run for run in loaded.runs if run.dataset == "structures"]
    frame = read_heads(HeadSource(run.model, "", run)).showing("contact").frame
    assert frame["percent"].isna().all()  # fewer than 100 arcs each, on fourteen proteins
    with pytest.raises(AtlasError, match="is not known here"):
        rank_heads(MODELS["demo"], "demo", (run.layers, run.heads), loaded)
