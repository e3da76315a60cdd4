"""Training of the demo model: seeded, resumable, blind to what is held out."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from precompute.command_line import main
from precompute.demo.build import describe_changes, file_sums, replace_folder
from precompute.demo.families import GAP_TOKEN, MASK, TOKENS, Family, hold_out
from precompute.demo.quality import perplexity, precision
from precompute.demo.training import FamilyBatches, FamilyRows, Recipe, build_model, train
from precompute.errors import AtlasError
from precompute.models.aligned_bert import load
from tests.families import make_family, write_family

TINY = Recipe(layers=1, heads=2, width=16, inner=16, steps=6, batch=8)


@pytest.fixture(scope="module")
def families():
    return [make_family("PF1", 60, 20, 1), make_family("PF2", 40, 15, 2)]


def weights_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_an_interrupted_training_ends_where_an_uninterrupted_one_does(
    families, tmp_path, monkeypatch
):
    whole = weights_of(train(families, TINY, tmp_path / "whole"))

    from transformers import Trainer

    from precompute.demo import training

    monkeypatch.setattr(training, "SAVE_STEPS", 2)
    step = Trainer.training_step
    count = 0

    def killed(*arguments, **options):
        nonlocal count
        count += 1
        if count == 5:
            raise KeyboardInterrupt
        return step(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "training_step", killed)
        with pytest.raises(KeyboardInterrupt):
            train(families, TINY, tmp_path / "broken")
    resumed = weights_of(train(families, TINY, tmp_path / "broken"))
    for name, tensor in whole.items():
        torch.testing.assert_close(resumed[name], tensor)


def test_another_recipe_does_not_go_on_with_a_training(families, tmp_path):
    train(families, TINY, tmp_path)
    with pytest.raises(AtlasError, match="another recipe"):
        train(families, dataclasses.replace(TINY, heads=4), tmp_path)


def test_batches_are_of_one_family_and_follow_the_weights(families):
    rows = FamilyRows(families)
    weights = np.ones(100)
    weights[:60] = np.where(np.arange(60) < 30, 1.0, 0.0)
    batches = list(FamilyBatches(rows.family, weights, dataclasses.replace(TINY, steps=400)))
    assert all(len(set(rows.family[batch])) == 1 for batch in batches)
    drawn = np.bincount(np.concatenate(batches), minlength=100)
    assert drawn[30:60].sum() == 0
    # 30 of 70 units of weight: 400 draws, four standard deviations.
    share = np.mean([rows.family[batch[0]] == 0 for batch in batches])
    assert abs(share - 30 / 70) < 4 * np.sqrt(30 / 70 * 40 / 70 / 400)


def test_positions_are_the_familys_offset_plus_the_column(families):
    rows = FamilyRows(families)
    assert rows[0]["position_ids"] == list(range(20))
    assert rows[60]["position_ids"] == list(range(20, 35))
    for place in (3, 77):
        marked = np.array(rows[place]["special_tokens_mask"], dtype=bool)
        np.testing.assert_array_equal(marked, rows.rows[place] == GAP_TOKEN)


def test_held_out_sequences_change_nothing(families, tmp_path):
    changed = []
    for family in families:
        rows = family.rows.copy()
        away = hold_out(family, TINY.seed)
        rows[away] = np.roll(rows[away], 3, axis=1)
        changed.append(Family(family.accession, family.names, rows))
    first = weights_of(train(families, TINY, tmp_path / "first"))
    second = weights_of(train(changed, TINY, tmp_path / "second"))
    for name, tensor in first.items():
        torch.testing.assert_close(second[name], tensor)


def test_the_command_writes_a_checkpoint_that_loads(families, tmp_path, capsys):
    data = tmp_path / "data"
    data.mkdir()
    for family in families:
        write_family(family, data)
    arguments = ["train-demo", str(data), "--families", "2", "--steps", "2", "--threads", "1"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    adapter = load(tmp_path / "out" / "model", "columns")
    assert (adapter.layers, adapter.heads) == (Recipe().layers, Recipe().heads)
    trained = json.loads((tmp_path / "out" / "training" / "trained.json").read_text())
    assert trained["steps"] == 2


def test_more_families_than_there_are_end_in_a_sentence(families, tmp_path, capsys):
    write_family(families[0], tmp_path)
    assert main(["train-demo", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "holds 1 alignments, and --families asks for 8" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_perplexity_of_a_model_that_knows_nothing_is_twenty(families):
    class Flat:
        def __call__(self, input_ids, position_ids):
            assert ((input_ids == MASK).sum() > 0).item()
            logits = torch.zeros(*input_ids.shape, len(TOKENS))
            return type("Output", (), {"logits": logits})

    frame = perplexity(Flat(), families, seed=123)
    np.testing.assert_allclose(frame["perplexity"], 20.0)
    # Four fifths of the residues are the consensus, so the profile knows much.
    assert (frame["profile_perplexity"] < 10).all()


def test_an_untrained_model_has_no_less_perplexity_than_twenty_letters_allow(families):
    model = build_model(TINY, 35)
    frame = perplexity(model, families, seed=123)
    assert frame["perplexity"].between(5, 60).all()


def test_precision_equals_a_naive_count():
    generator = np.random.default_rng(1)
    scores, contacts = generator.random(200), generator.random(200) < 0.2
    ranked = sorted(range(200), key=lambda pair: -scores[pair])[:40]
    assert precision(scores, contacts, 40) == sum(contacts[pair] for pair in ranked) / 40


def test_what_changed_is_said(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, files in ((old, {"a": "1", "b": "1"}), (new, {"b": "2", "c": "1"})):
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
    expected = ["new      c", "gone     a", "changed  b"]
    assert describe_changes(file_sums(old), file_sums(new)) == expected
    assert replace_folder(new, old) == expected
    assert sorted(path.name for path in old.iterdir()) == ["b", "c"]
    assert not new.exists()
