"""The demo's adapter: every token knows its residue, and only known families are read."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from precompute.command_line import main
from precompute.demo.checkpoint import write_checkpoint
from precompute.demo.families import GAP_TOKEN, TOKENS
from precompute.demo.profiles import NO_COLUMN, read_profiles
from precompute.demo.training import Recipe, build_model
from precompute.errors import AtlasError
from precompute.models.adapter import NO_RESIDUE
from precompute.models.aligned_bert import load
from precompute.tables import HEAD_COUNTS, list_runs, read_table
from tests.families import make_family, sequence_of, write_family

SMALL = Recipe(layers=2, heads=2, width=16, inner=16)


@pytest.fixture(scope="module")
def families():
    return [make_family("PF1", 80, 40, 1), make_family("PF2", 60, 30, 2)]


@pytest.fixture(scope="module")
def folder(families, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "model"
    model = build_model(SMALL, sum(family.columns for family in families))
    with torch.no_grad():  # peaked, so that there are arcs to count
        for layer in model.bert.encoder.layer:
            layer.attention.self.query.weight.mul_(30)
            layer.attention.self.key.weight.mul_(30)
    write_checkpoint(model, families, path)
    return path


def test_profile_states_are_the_alignments_columns(families, folder):
    profiles = read_profiles(folder / "profiles.hmm.gz")
    assert profiles.accessions == ("PF1", "PF2")
    agreed = []
    for family in families:
        for number in range(20):
            true = np.flatnonzero(family.rows[number] != GAP_TOKEN)
            placement = profiles.place(sequence_of(family, number))
            assert placement is not None
            assert placement.accession == family.accession
            agreed.append((placement.columns == true).mean())
    # An alignment by profile may end a residue earlier; it does not shift.
    assert np.mean(agreed) > 0.95


def test_insertions_and_flanks_have_no_column(families, folder):
    family = families[0]
    plain = "".join(TOKENS[token] for token in family.rows[0])  # the consensus, no gap
    middle = plain[:20] + "GPGPG" + plain[20:]
    placement = read_profiles(folder / "profiles.hmm.gz").place("MKHHHHHH" + middle + "GSGSGS")
    assert placement is not None
    outside = np.r_[0:8, 8 + len(middle) : 8 + len(middle) + 6]
    assert (placement.columns[outside] == NO_COLUMN).all()
    inside = placement.columns[8 : 8 + len(middle)]
    assert (inside[20:25] == NO_COLUMN).sum() >= 4
    used = placement.columns[placement.columns != NO_COLUMN]
    assert (np.diff(used) > 0).all()
    assert placement.first == 9


def test_each_token_knows_its_residue(families, folder):
    adapter = load(folder, "columns")
    family = families[1]
    sequence = "MSKK" + sequence_of(family, 3)
    encoding = adapter.encode(sequence)
    assert len(encoding) == family.columns
    np.testing.assert_array_equal(encoding.positions, 40 + np.arange(30))
    for token, residue in zip(encoding.tokens, encoding.residues, strict=True):
        if residue == NO_RESIDUE:
            assert token == GAP_TOKEN
        else:
            assert TOKENS[token] == sequence[residue]


def test_attention_is_that_of_transformers_at_these_positions(families, folder):
    from transformers import BertForMaskedLM

    adapter = load(folder, "columns")
    encoding = adapter.encode(sequence_of(families[1], 5))
    seen: list[torch.Tensor] = []
    adapter.attend([encoding], lambda _, probabilities: seen.append(probabilities.clone()))
    model = BertForMaskedLM.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        expected = model(
            input_ids=torch.from_numpy(encoding.tokens)[None],
            position_ids=torch.from_numpy(encoding.positions)[None],
            output_attentions=True,
        ).attentions
    for own, theirs in zip(seen, expected, strict=True):
        torch.testing.assert_close(own, theirs)
        torch.testing.assert_close(own.sum(-1), torch.ones_like(own.sum(-1)))


def test_a_batch_of_two_families_gives_what_each_gives_alone(families, folder):
    adapter = load(folder, "columns")
    adapter.to(torch.device("cpu"), torch.float64)
    encodings = [adapter.encode(sequence_of(family, 4)) for family in families]

    def run(batch):
        seen = []
        adapter.attend(batch, lambda _, probabilities: seen.append(probabilities.clone()))
        return seen

    together = run(encodings)
    for place, encoding in enumerate(encodings):
        size = len(encoding)
        for own, both in zip(run([encoding]), together, strict=True):
            torch.testing.assert_close(own[0], both[place, :, :size, :size])


def test_a_sequence_of_no_family_is_told_so(folder):
    adapter = load(folder, "columns")
    sequence = "MKVLAAGIVGLCAKAYLEK" * 3
    assert not adapter.reads(sequence)
    with pytest.raises(AtlasError, match=r"none of them: PF1, PF2"):
        adapter.encode(sequence)


def test_the_engine_leaves_other_families_out_and_says_so(families, folder, tmp_path, capsys):
    stranger = make_family("PF9", 15, 35, 9)
    data = tmp_path / "families"
    data.mkdir()
    for family in (*families, stranger):
        write_family(family, data)
    out = tmp_path / "results"
    arguments = ["run", "--model", "own", "--architecture", "aligned_bert", "--weights"]
    arguments += [str(folder), "--dataset", "families", "--data", str(data), "--out", str(out)]
    assert main([*arguments, "--quiet"]) == 0
    run = list_runs(str(out)).iloc[0]
    skipped = json.loads(run["skipped"])["chains that the model cannot read"]
    assert skipped >= 15
    assert run["proteins"] + skipped == 155
    assert not any(name.startswith("PF9") for name in run["protein_ids"])
    counts = read_table(str(out), HEAD_COUNTS, run=run["run"])
    amino = counts[counts["feature"].str.startswith("amino_acid:") & (counts["threshold"] < 0.11)]
    by_head = amino.groupby(["layer", "head"]).agg({"hits": "sum", "eligible": "first"})
    assert (by_head["hits"] == by_head["eligible"]).all()
    assert by_head["hits"].sum() > 0


def test_only_other_families_end_in_a_sentence(folder, tmp_path, capsys):
    write_family(make_family("PF9", 15, 35, 9), tmp_path)
    arguments = ["run", "--model", "own", "--architecture", "aligned_bert", "--weights"]
    arguments += [str(folder), "--dataset", "families", "--data", str(tmp_path), "--quiet"]
    assert main([*arguments, "--out", str(tmp_path / "results")]) == 1
    assert "can read none of the 15 chains" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda path: (path / "families.json").unlink(), "has no families.json"),
        (lambda path: (path / "families.json").write_text("[{}]"), "families.json is damaged"),
        (lambda path: (path / "profiles.hmm.gz").unlink(), "There is no"),
        (lambda path: (path / "profiles.hmm.gz").write_bytes(b"HMMER3"), "is damaged"),
        (
            lambda path: (path / "families.json").write_text(
                json.dumps([{"accession": "PF1", "columns": 41, "offset": 0}])
            ),
            "do not belong together",
        ),
        (
            lambda path: (path / "families.json").write_text(
                json.dumps([{"accession": "PF1", "columns": 40, "offset": 60}])
            ),
            "has 100 columns and the model 70 positions",
        ),
    ],
)
def test_a_damaged_checkpoint_ends_in_a_sentence(folder, tmp_path, damage, sentence):
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    damage(copy)
    with pytest.raises(AtlasError, match=sentence):
        load(copy, "columns")
