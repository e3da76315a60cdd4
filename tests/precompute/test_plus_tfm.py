"""PLUS-TFM against a naive formulation, from its formulas and nothing else."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.models import MODELS
from precompute.models.configuration import check_config, longest_input, read_config
from precompute.models.plus_network import PlusNetwork, RootNorm
from precompute.models.plus_tfm import PlusAdapter
from precompute.tables import HEAD_COUNTS, list_runs, read_table
from tests.checkpoints import make_checkpoint
from tests.msa_checkpoints import write_published as write_msa
from tests.plus_checkpoints import (
    FILE,
    REAL,
    SMALL,
    checkpoint,
    load,
    random_state,
    write_heads,
    write_published,
    write_safetensors,
)

SINGLE, FIRST, SECOND = "MKVLAWCDEFGHIKLX", "ACDEFGHIKLMNP", "WYVTSRQPN"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("plus") / "weights")


def naive(
    state: dict[str, torch.Tensor], tokens: list[int], segments: list[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Attention (layers, heads, tokens, tokens), last states, and the two classes' probabilities.

    Token by token in NumPy's float64, by the published names.
    """
    w = {name: tensor.double().numpy() for name, tensor in state.items()}

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        deviation = np.sqrt(((x - x.mean()) ** 2).sum() / (len(x) - 1))
        return w[f"{name}.gamma"] * (x - x.mean()) / np.sqrt(deviation + 1e-12) + w[f"{name}.beta"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return w[f"{name}.weight"] @ x + w[f"{name}.bias"]

    def softmax(x: np.ndarray) -> np.ndarray:
        x = np.exp(x - x.max())
        return x / x.sum()

    width, heads = SMALL.width, SMALL.heads
    states = []
    for place, (token, segment) in enumerate(zip(tokens, segments, strict=True)):
        wave = [
            (math.sin, math.cos)[one % 2](place / 10000 ** ((one - one % 2) / width))
            for one in range(width)
        ]
        x = w["transformer.embed.tok_embed.weight"][token] + np.array(wave)
        x = x + w["transformer.embed.seg_embed.weight"][segment]
        states.append(norm(x, "transformer.embed.norm"))
    maps = np.zeros((SMALL.layers, heads, len(tokens), len(tokens)))
    for layer in range(SMALL.layers):
        block = f"transformer.blocks.{layer}"
        q, k, v = (
            [linear(x, f"{block}.attn.proj_{one}").reshape(heads, -1) for x in states]
            for one in "qkv"
        )
        after = []
        for i, x in enumerate(states):
            parts = []
            for head in range(heads):
                scores = [q[i][head] @ key[head] / math.sqrt(width / heads) for key in k]
                maps[layer, head, i] = softmax(np.array(scores))
                parts.append(sum(p * own[head] for p, own in zip(maps[layer, head, i], v)))  # noqa: B905
            x = norm(x + linear(np.concatenate(parts), f"{block}.proj"), f"{block}.norm1")
            y = linear(x, f"{block}.pwff.fc1")
            y = y * 0.5 * (1 + np.vectorize(math.erf)(y / math.sqrt(2)))
            after.append(norm(x + linear(y, f"{block}.pwff.fc2"), f"{block}.norm2"))
        states = after
    return maps, np.stack(states), softmax(linear(states[0], "cls"))


def seen(adapter: PlusAdapter, encoding: Any) -> tuple[np.ndarray, np.ndarray]:
    maps: list[torch.Tensor] = []
    last = adapter.states([encoding], lambda _, own: maps.append(own[0].clone()))
    return torch.stack(maps).numpy(), last[0].numpy()


def in_float64(folder: Path) -> PlusAdapter:
    adapter = load(folder)
    adapter.to(torch.device("cpu"), torch.float64)
    pe = adapter.network.embed.pos_embed.pe
    places = np.arange(pe.shape[1])[:, None]
    even = np.arange(0, SMALL.width, 2)
    angle = places / 10000 ** (even / SMALL.width)
    table = np.stack([np.sin(angle), np.cos(angle)], 2).reshape(1, len(places), -1)
    # The file holds float32; the naive waves are in float64.
    np.testing.assert_allclose(pe.numpy(), table, atol=1e-4)
    pe.copy_(torch.from_numpy(table))
    return adapter


def hold_against_naive(adapter: PlusAdapter) -> None:
    for encoding in (adapter.encode(SINGLE), adapter.encode_pair(FIRST, SECOND)):
        segments = [0] * len(encoding)
        if encoding.segments is not None:
            segments = encoding.segments.tolist()
        maps, last, _ = naive(random_state(), encoding.tokens.tolist(), segments)
        own_maps, own_last = seen(adapter, encoding)
        np.testing.assert_allclose(own_maps, maps, atol=1e-9, rtol=0)
        np.testing.assert_allclose(own_last, last, atol=1e-8, rtol=0)
        assert maps.max() > 0.3, "attention is flat: the test proves little"


def test_a_naive_formulation_says_the_same(folder: Path) -> None:
    hold_against_naive(in_float64(folder))


def test_with_torchs_norm_it_would_not(folder: Path) -> None:
    """The weights fit, and nothing but the numbers tells."""
    adapter = in_float64(folder)
    for module in list(adapter.network.modules()):
        for name, own in list(module.named_children()):
            if isinstance(own, RootNorm):
                usual = nn.LayerNorm(SMALL.width, eps=1e-12, dtype=torch.float64)
                usual.load_state_dict(own.state_dict())
                setattr(module, name, usual)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        hold_against_naive(adapter)


def test_segments_and_their_first_separator_count(folder: Path) -> None:
    """The first [SEP] is of the first segment: with it in the second, other numbers come."""
    adapter = in_float64(folder)
    encoding = adapter.encode_pair(FIRST, SECOND)
    assert encoding.segments is not None
    assert encoding.segments.tolist() == [0] * (len(FIRST) + 2) + [1] * (len(SECOND) + 1)
    right = seen(adapter, encoding)[0]
    encoding.segments[len(FIRST) + 1] = 1
    assert np.abs(seen(adapter, encoding)[0] - right).max() > 1e-4


def test_float32_is_near(folder: Path) -> None:
    adapter = load(folder)
    encoding = adapter.encode(SINGLE)
    maps, _, _ = naive(random_state(), encoding.tokens.tolist(), [0] * len(encoding))
    np.testing.assert_allclose(seen(adapter, encoding)[0], maps, atol=2e-5, rtol=0)


def test_the_same_family_is_told_from_the_first_token(folder: Path) -> None:
    adapter = load(folder)
    encodings = [adapter.encode_pair(FIRST, SECOND), adapter.encode_pair(SECOND, SINGLE)]
    scores = adapter.attend_pairs(encodings, lambda *_: None).same_family
    assert scores is not None
    for encoding, score in zip(encodings, scores, strict=True):
        assert encoding.segments is not None
        _, _, classes = naive(random_state(), encoding.tokens.tolist(), encoding.segments.tolist())
        assert score == pytest.approx(classes[1], abs=1e-5)


def test_padding_changes_nothing(folder: Path) -> None:
    adapter = load(folder)
    pair, other = adapter.encode_pair(FIRST, SECOND), adapter.encode_pair(SINGLE, FIRST)
    together: list[torch.Tensor] = []
    adapter.attend([pair, other], lambda _, own: together.append(own[0].clone()))
    maps = torch.stack(together).numpy()
    np.testing.assert_allclose(
        maps[..., : len(pair), : len(pair)], seen(adapter, pair)[0], atol=1e-5
    )
    assert maps[..., : len(pair), len(pair) :].max() == 0


def test_the_bare_pass_gives_the_same_states(folder: Path) -> None:
    """The fused kernel, which shows no attention."""
    adapter = load(folder)
    encodings = [adapter.encode_pair(FIRST, SECOND), adapter.encode_pair(SECOND, "ACD")]
    bare = adapter.states(encodings)
    shown = adapter.states(encodings, lambda *_: None)
    for row, encoding in enumerate(encodings):
        own = slice(0, len(encoding))
        torch.testing.assert_close(bare[row, own], shown[row, own], atol=2e-5, rtol=0)


def test_vectors_of_every_layer_are_given(folder: Path) -> None:
    adapter = load(folder)
    vectors: dict[int, torch.Tensor] = {}
    layers: list[int] = []
    encodings = [adapter.encode(SINGLE)]
    adapter.represent(
        encodings,
        lambda layer, own: vectors.update({layer: own}),
        lambda layer, _: layers.append(layer),
    )
    assert list(vectors) == layers == list(range(SMALL.layers))
    _, last, _ = naive(random_state(), encodings[0].tokens.tolist(), [0] * len(encodings[0]))
    assert adapter.width == SMALL.width
    np.testing.assert_allclose(vectors[SMALL.layers - 1][0].numpy(), last, atol=2e-4)


def test_letters_are_those_of_plus(folder: Path) -> None:
    """Its alphabet reads O as K, U as C, and B, Z as X; 0 is padding."""
    adapter = load(folder)
    encoding = adapter.encode("ARNDCQEGHILKMFPSTWYVXOUBZ")
    assert encoding.tokens.tolist() == [23, *range(1, 22), 12, 5, 21, 21, 24]
    assert encoding.residues.tolist() == [-1, *range(25), -1]
    pair = adapter.encode_pair("AR", "VXO")
    assert pair.tokens.tolist() == [23, 1, 2, 24, 20, 21, 12, 24]
    assert pair.residues.tolist() == [-1, 0, 1, -1, 2, 3, 4, -1]


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("kind", ["zip", "as PyTorch 1.3 wrote it", "safetensors"])
def test_every_layout_is_the_same_model(
    kind: str, prefix: str, folder: Path, tmp_path: Path
) -> None:
    if kind == "safetensors":
        other = write_safetensors(tmp_path / "other", prefix=prefix)
    else:
        other = write_published(tmp_path / "other", prefix=prefix, zipped=kind == "zip")
    one, two = load(folder), load(other)
    encodings = [one.encode_pair(FIRST, SECOND)]
    assert np.array_equal(seen(one, encodings[0])[0], seen(two, encodings[0])[0])
    told = [adapter.attend_pairs(encodings, None).same_family for adapter in (one, two)]
    assert told[0] is not None
    assert np.array_equal(*told)


@pytest.mark.parametrize("kind", [FILE, "model.safetensors"])
def test_the_published_size_needs_no_configuration(kind: str, tmp_path: Path) -> None:
    """The 768 wide has 12 heads; of any other width the file does not say how many."""
    shape = SMALL.__class__(layers=1, heads=12, width=768, inner=8)
    write = write_published if kind == FILE else write_safetensors
    write(tmp_path, shape)
    (tmp_path / "config.json").unlink()
    adapter = load(tmp_path)
    assert adapter.network.shape == shape
    assert longest_input(read_config(tmp_path), "plus_tfm", tmp_path) == 515
    other = write_published(tmp_path / "other")
    (other / "config.json").unlink()
    with pytest.raises(AtlasError, match=r"32 wide .* num_attention_heads"):
        load(other)


def test_a_file_without_its_waves_has_those_of_the_formula(folder: Path, tmp_path: Path) -> None:
    state = random_state()
    pe = state.pop("transformer.embed.pos_embed.pe")
    adapter = load(write_published(tmp_path, state=state))
    assert adapter.max_tokens == 515
    torch.testing.assert_close(adapter.network.embed.pos_embed.pe[:, : pe.shape[1]], pe)


def test_the_registry_has_the_real_shape() -> None:
    model = MODELS["plus_tfm"]
    assert (model.layers, model.heads, model.width) == (REAL.layers, REAL.heads, REAL.width)
    assert model.longest_seen == 256
    with torch.device("meta"):
        size = sum(own.numel() for own in PlusNetwork(REAL).parameters())
    # And the heads: fc_lm, norm_lm, decoder_bias, cls. 85.67 million in all.
    size += 768 * 768 + 768 + 2 * 768 + 25 + 2 * 768 + 2
    assert round(size / 1e6, 2) == 85.67


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda f: make_checkpoint(f, "prot_bert"),
            r"lacks tensors of PLUS-TFM, such as",
            id="ProtBert, which does not say what it is",
        ),
        pytest.param(
            lambda f: make_checkpoint(f, "esm2_t6_8M"),
            r"holds a checkpoint of esm, and one of plus_tfm was asked for",
            id="ESM-2",
        ),
        pytest.param(
            write_msa,
            r"holds a checkpoint of msa_transformer, and one of plus_tfm was asked for",
            id="the MSA Transformer's own file",
        ),
    ],
)
def test_another_familys_checkpoint_is_refused(make: Any, said: str, tmp_path: Path) -> None:
    make(tmp_path / "weights")
    with pytest.raises(AtlasError, match=said) as caught:
        checkpoint(tmp_path / "weights").load()
    assert "\n" not in str(caught.value)


def test_plus_is_refused_where_another_is_asked_for(folder: Path, tmp_path: Path) -> None:
    write_published(tmp_path)
    (tmp_path / "config.json").unlink()
    config = read_config(tmp_path)
    with pytest.raises(AtlasError, match=r"holds a checkpoint of plus_tfm, and one of bert"):
        check_config(config, "bert", tmp_path)


def _without(name: str) -> Any:
    return lambda state: state.pop(name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without("transformer.blocks.1.norm1.gamma"), r"lacks 1 of .*norm1\.weight"),
        (_without("transformer.embed.tok_embed.weight"), r"lacks tensors of PLUS-TFM"),
        (
            lambda s: s.update({"transformer.embed.tok_embed.weight": torch.zeros(30, 32)}),
            r"knows 30 tokens, and PLUS-TFM 25",
        ),
        (
            lambda s: s.update({"transformer.blocks.0.attn.adapter.weight": torch.zeros(2)}),
            r"which this architecture does not know",
        ),
        (
            lambda s: s["transformer.blocks.0.proj.weight"].fill_(math.nan),
            r"NaN or infinite numbers",
        ),
    ],
)
def test_what_is_not_whole_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    state = random_state()
    change(state)
    with pytest.raises(AtlasError, match=said):
        load(write_published(tmp_path, state=state))


@pytest.mark.parametrize("heads", [0, 5, True, "four"])
def test_heads_that_cannot_be_are_refused(heads: Any, tmp_path: Path) -> None:
    write_published(tmp_path)
    write_heads(tmp_path, heads)
    with pytest.raises(AtlasError, match="num_attention_heads"):
        load(tmp_path)


def test_what_a_training_leaves_beside_a_configuration_is_no_weight(tmp_path: Path) -> None:
    """transformers saves optimizer.pt and scheduler.pt there, which are not PLUS's file."""
    make_checkpoint(tmp_path, "prot_bert")
    (tmp_path / "pytorch_model.bin").rename(tmp_path / "optimizer.pt")
    with pytest.raises(AtlasError, match=r"holds neither model\.safetensors nor"):
        checkpoint(tmp_path, "prot_bert").load()


def test_without_its_head_nothing_is_said_of_families(tmp_path: Path) -> None:
    state = {name: own for name, own in random_state().items() if not name.startswith("cls.")}
    adapter = load(write_published(tmp_path, state=state))
    assert adapter.attend_pairs([adapter.encode_pair(FIRST, SECOND)], None).same_family is None


def test_bfloat16_is_near(folder: Path) -> None:
    adapter, exact = load(folder), load(folder)
    adapter.to(torch.device("cpu"), torch.bfloat16)
    encodings = [adapter.encode_pair(FIRST, SECOND), adapter.encode_pair(SECOND, "ACD")]
    found = []
    for one in (adapter, exact):
        maps: list[torch.Tensor] = []
        told = one.attend_pairs(encodings, lambda _, own, m=maps: m.append(own.float().clone()))  # type: ignore[misc]
        assert told.same_family is not None
        found.append((torch.stack(maps), told.same_family))
    assert (found[0][0] - found[1][0]).abs().mean() < 0.02
    np.testing.assert_allclose(found[0][1], found[1][1], atol=0.1)


def test_a_configuration_that_contradicts_the_tensors_is_refused(tmp_path: Path) -> None:
    write_published(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 12}))
    with pytest.raises(
        AtlasError, match=r"num_hidden_layers is 3 in its tensors and said to be 12"
    ):
        load(tmp_path)


def test_a_run_counts_it_and_says_what_its_training_saw(tmp_path: Path) -> None:
    """Through the command that any model takes."""
    data = tmp_path / "families"
    data.mkdir()
    rows = {"short": "MKVLAWCDEF" * 5, "long": "ACDEFGHIKL" * 30}
    longest = max(map(len, rows.values()))
    text = "".join(f">{name}\n{row.ljust(longest, '-')}\n" for name, row in rows.items())
    (data / "PF00001.fasta").write_text(text)
    shape = SMALL.__class__(layers=2, heads=4, width=32, inner=48)
    weights = write_published(tmp_path / "weights", shape)
    out = str(tmp_path / "out")
    arguments = ["run", "--model", "plus_tfm", "--weights", str(weights), "--quiet", "--out", out]
    assert main([*arguments, "--dataset", "families", "--data", str(data)]) == 0
    row = list_runs(out).iloc[0]
    assert (row["model"], row["layers"], row["heads"]) == ("plus_tfm", 2, 4)
    assert json.loads(row["notes"])["longest input in training"] == (
        "256 residues; 1 of 2 proteins are longer"
    )
    counts = read_table(out, HEAD_COUNTS, run=row["run"])
    arcs = counts[(counts["feature"] == "amino_acid:A") & (counts["threshold"] == 0.1)]
    adapter, expected = load(weights), np.zeros((2, 4), dtype=int)
    for sequence in rows.values():
        maps, _ = seen(adapter, adapter.encode(sequence))
        expected += (maps[:, :, 1:-1, 1:-1] >= 0.1).sum((2, 3))
    assert arcs["arcs"].tolist() == expected.ravel().tolist()
    assert expected.sum() > 1000
