"""Models that read from the first residue to the last: their attention, and what is counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch

from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.errors import AtlasError
from precompute.features import FEATURES, OFFSET_FEATURES
from precompute.labels import FeatureSet, background_counts
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.tables import BACKGROUND, HEAD_COUNTS, list_runs, read_table
from precompute.tally import THRESHOLDS
from tests import naive
from tests.chains import records_of, structure_records, write_lmdb
from tests.checkpoints import (
    as_progen,
    change_config,
    change_state,
    eager_attention,
    letter_tokenizer,
    make_checkpoint,
    own_checkpoint,
    shown_attention,
)

KINDS = {"zymctrl": "GPT2Model", "progen2_small": "CodeGenModel"}
SEQUENCE = "ACDEFGHIKLMNPQRSTVWYXUZOB"
SHAPE = {"layers": 3, "heads": 4, "width": 32, "sharpness": 15}


def loaded(model: str, folder: Path) -> Adapter:
    return Checkpoint(MODELS[model], Weights(folder, "test")).load()


@pytest.mark.parametrize("model", KINDS)
@pytest.mark.parametrize("number_type", [torch.float32, torch.float16])
def test_attention_is_that_of_a_plain_eager_pass(
    model: str, number_type: torch.dtype, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, model, **SHAPE)
    change_state(folder, lambda state: {name: t.to(number_type) for name, t in state.items()})
    sequence = structure_records()[1]["primary"]
    adapter = loaded(model, folder)
    shown = shown_attention(adapter, sequence)
    tokens = adapter.encode(sequence).tokens.tolist()
    assert torch.equal(shown, eager_attention(folder, KINDS[model], tokens))
    assert torch.equal(shown, shown.tril()), "a residue attends to one behind it"
    rows = shown.sum(-1)
    torch.testing.assert_close(rows, torch.ones_like(rows))
    assert len(torch.unique(shown[:, :, 20:, 1:20] > 0.1)) == 2


def test_progen2_is_codegen_in_other_groups(tmp_path: Path) -> None:
    """ProGen2's own layout, with its own names, is read to the same bits."""
    shape = SHAPE | {"heads": 8, "width": 64}
    codegen = make_checkpoint(tmp_path / "codegen", "progen2_small", **shape)
    expected = shown_attention(loaded("progen2_small", codegen), SEQUENCE)
    progen = as_progen(make_checkpoint(tmp_path / "progen", "progen2_small", **shape))
    assert torch.equal(shown_attention(loaded("progen2_small", progen), SEQUENCE), expected)
    wrong = change_config(progen, model_type="codegen", n_embd=64, vocab_size=32)
    assert not torch.equal(shown_attention(loaded("progen2_small", wrong), SEQUENCE), expected)


def test_first_layer_of_progen2_is_what_its_authors_compute(tmp_path: Path) -> None:
    """Queries, values and keys of eight cores side by side, every second width turned."""
    shape = SHAPE | {"heads": 8, "width": 64}
    folder = as_progen(make_checkpoint(tmp_path, "progen2_small", **shape))
    adapter = loaded("progen2_small", folder)
    shown = shown_attention(adapter, SEQUENCE)[0]
    state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    heads, width = 8, 8
    turned = json.loads((folder / "config.json").read_text())["rotary_dim"]
    tokens = torch.from_numpy(adapter.encode(SEQUENCE).tokens)
    first = "transformer.h.0"
    entered = torch.nn.functional.layer_norm(
        state["transformer.wte.weight"][tokens],
        (64,),
        state[f"{first}.ln_1.weight"],
        state[f"{first}.ln_1.bias"],
    )
    cores = (entered @ state[f"{first}.attn.qkv_proj.weight"].T).view(len(tokens), 8, 3, -1)
    query, _, key = (cores[:, :, part].reshape(len(tokens), heads, width) for part in range(3))
    angles = torch.arange(len(tokens))[:, None] * 10000.0 ** -(torch.arange(0, turned, 2) / turned)
    for vectors in (query, key):
        even, odd = vectors[..., 0:turned:2].clone(), vectors[..., 1:turned:2].clone()
        sine, cosine = angles.sin()[:, None], angles.cos()[:, None]
        vectors[..., 0:turned:2] = even * cosine - odd * sine
        vectors[..., 1:turned:2] = odd * cosine + even * sine
    scores = torch.einsum("ihd,jhd->hij", query, key) / width**0.5
    ahead = torch.ones(len(tokens), len(tokens), dtype=torch.bool).triu(1)
    expected = scores.masked_fill(ahead, -torch.inf).softmax(-1)
    torch.testing.assert_close(shown, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("model", "first", "last"), [("zymctrl", "<start>", "<end>"), ("progen2_small", "1", "2")]
)
def test_sequences_stand_between_the_tokens_of_training(
    model: str, first: str, last: str, tmp_path: Path
) -> None:
    from tokenizers import Tokenizer

    folder = make_checkpoint(tmp_path, model, **SHAPE)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    encoding = loaded(model, folder).encode("ACDY")
    names = [tokenizer.id_to_token(number) for number in encoding.tokens.tolist()]
    assert names == [first, *"ACDY", last]
    assert encoding.residues.tolist() == [-1, 0, 1, 2, 3, -1]


def test_background_leaves_the_future_out(tmp_path: Path) -> None:
    """Counted pair by pair: half the contacts, no forward offset."""
    records = records_of("proteinnet")[:2]
    dataset = DATASETS["proteinnet"]
    data = dataset.open(write_lmdb(tmp_path / "data.lmdb", records))
    chains = [data[number] for number in range(len(records))]
    positives, eligible = background_counts(chains, FeatureSet(dataset.features, causal=True))
    pairs = [name for name in dataset.features if FEATURES[name].target == "pair"]
    expected = {name: [0, 0] for name in pairs}
    for record in records:
        for i in range(len(record["primary"])):
            for j in range(i + 1):
                has, may = naive.properties(record, i, j)
                for name in pairs:
                    ahead = name.startswith("offset:+")
                    expected[name][0] += name in has
                    expected[name][1] += name.split(":")[0] in may and not ahead
    places = {name: dataset.features.index(name) for name in pairs}
    assert {name: [positives[at], eligible[at]] for name, at in places.items()} == expected
    both = background_counts(chains, FeatureSet(dataset.features))
    at = places["contact"]
    assert both[0][at] == 2 * positives[at] > 0
    assert both[1][at] == 2 * eligible[at]


@pytest.mark.parametrize("model", KINDS)
def test_a_run_counts_what_a_loop_counts(model: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "weights", model, **SHAPE)
    records = records_of("proteinnet")[:2]
    data = write_lmdb(tmp_path / "data.lmdb", records)
    out = tmp_path / "out"
    arguments = ["run", "--model", model, "--weights", str(folder), "--quiet"]
    arguments += ["--dataset", "proteinnet", "--data", str(data), "--out", str(out)]
    assert main(arguments) == 0
    run = list_runs(out).iloc[0]
    assert "no residue attends to one behind it" in json.loads(run["notes"])["attention"]
    background = read_table(out, BACKGROUND, run=run["run"])
    corrected = background[background["definition"] == "corrected"].set_index("feature")
    assert corrected.loc["offset:+3", "eligible"] == 0
    assert corrected.loc["offset:0", "positives"] == run["residues"]

    adapter = loaded(model, folder)
    arcs, eligible, hits = (Counter[Any]() for _ in range(3))
    for record in records:
        attention = shown_attention(adapter, record["primary"])[:, :, 1:-1, 1:-1].numpy()
        parts = naive.count(attention, record, THRESHOLDS)
        for whole, part in zip((arcs, eligible, hits), parts, strict=True):
            whole.update(part)
    assert sum(arcs.values()) > 2000
    counts = read_table(out, HEAD_COUNTS, run=run["run"])
    assert len(counts) == len(DATASETS["proteinnet"].features) * len(THRESHOLDS) * 3 * 4
    for row in counts.itertuples():
        where = (row.threshold, row.layer, row.head)
        group = row.feature.partition(":")[0]
        ahead = row.feature.startswith("offset:+")
        assert row.arcs == arcs["", *where]
        assert row.hits == hits[row.feature, *where]
        assert row.eligible == (0 if ahead else eligible[group, *where])
        assert not (ahead and row.hits)


def test_a_model_that_reads_both_ways_has_forward_offsets() -> None:
    _, eligible = FeatureSet(OFFSET_FEATURES).pair_tables
    assert eligible.all()


def _pieces(folder: Path) -> None:
    """Write ProtGPT2's kind of vocabulary: pieces of several residues."""
    tokens = ["<|endoftext|>", *"ACDEFGHIKLMNPQRSTVWYX", "AA", "LE"]
    ids = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(ids))


def _merging(folder: Path) -> None:
    from tokenizers import Tokenizer, models

    letters = letter_tokenizer(["<pad>", "<start>", "<end>", *SEQUENCE]).get_vocab()
    ids = letters | {"AC": len(letters)}
    Tokenizer(models.BPE(ids, [("A", "C")])).save(str(folder / "tokenizer.json"))


@pytest.mark.parametrize(
    ("model", "spoil", "sentence"),
    [
        ("zymctrl", _pieces, "does not read one token a residue .it has AA., so that attention"),
        ("zymctrl", _merging, "does not read one token a residue"),
        (
            "zymctrl",
            lambda folder: change_config(folder, reorder_and_upcast_attn=True),
            "reorder_and_upcast_attn, which only trains",
        ),
        ("zymctrl", lambda folder: change_config(folder, add_cross_attention=True), "a decoder"),
        ("zymctrl", lambda folder: change_config(folder, n_layer=0), "n_layer is 0"),
        ("progen2_small", lambda folder: change_config(folder, n_head=3), "progen"),
        ("progen2_small", lambda folder: change_config(folder, n_layer=9), "lacks"),
        (
            "progen2_small",
            lambda folder: (folder / "tokenizer.json").unlink(),
            "neither vocab.txt nor vocab.json nor tokenizer.json",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(
    model: str, spoil: Any, sentence: str, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, model, **SHAPE)
    spoil(folder)
    with pytest.raises(AtlasError, match=sentence):
        loaded(model, folder)


@pytest.mark.parametrize(
    ("heads", "width", "own", "sentence"),
    [
        (2, 32, False, "n_head is 2, .* in 4 groups"),
        (2, 32, True, "n_head is 2, .* in 4 groups"),
        (6, 48, False, "n_head is 6, .* in 4 groups"),
        (1, 32, True, "n_head is 1, .* in 4 groups"),
        (4, 36, True, "embed_dim is 36, .* in 8 groups"),
        (4, 36, False, ""),
        (12, 48, True, ""),
    ],
)
def test_heads_that_stand_in_no_groups_are_refused(
    heads: int, width: int, own: bool, sentence: str, tmp_path: Path
) -> None:
    shape = SHAPE | {"heads": heads, "width": width}
    folder = make_checkpoint(tmp_path, "progen2_small", **shape)
    if own and width % 8 == 0:
        as_progen(folder)
    elif own:
        change_config(folder, model_type="progen", embed_dim=width)
    if not sentence:
        assert len(shown_attention(loaded("progen2_small", folder), SEQUENCE)[0]) == heads
        return
    with pytest.raises(AtlasError, match=sentence):
        loaded("progen2_small", folder)


def test_longest_input_is_the_models(tmp_path: Path) -> None:
    for model, architecture in (("zymctrl", "gpt2"), ("progen2_small", "progen")):
        folder = make_checkpoint(tmp_path / model, model, **SHAPE, n_positions=60)
        assert own_checkpoint(folder, architecture).load().max_tokens == 60
