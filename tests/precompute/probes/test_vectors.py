"""The vectors of layers are those that transformers and fair-esm give."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from precompute.errors import AtlasError
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests import naive
from tests.chains import structure_records
from tests.checkpoints import make_checkpoint, shown_attention
from tests.msa_checkpoints import FILE, SMALL, random_alignment, write_published
from tests.precompute.probes.window import WindowAdapter
from tests.precompute.test_msa_transformer import encode, loaded

MODEL_NAMES = ["tape_bert", "prot_bert", "prot_albert", "prot_xlnet", "esm2_t6_8m", "antiberty"]


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_vectors_are_transformers_hidden_states(model: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, model, layers=3)
    adapter = Checkpoint(MODELS[model], Weights(folder, "test")).load()
    encoding = adapter.encode(structure_records()[1]["primary"])
    tokens = torch.from_numpy(encoding.tokens)[None]
    network = naive.load_network(model, folder)
    with torch.inference_mode():
        expected = network(input_ids=tokens, output_hidden_states=True).hidden_states
    seen: list[torch.Tensor] = []
    maps: list[torch.Tensor] = []
    adapter.represent(
        [encoding],
        lambda layer, x: seen.append(x[0].clone()),
        lambda layer, p: maps.append(p[0].clone()),
    )
    assert len(seen) == adapter.layers == len(expected) - 1
    for own, theirs in zip(seen, expected[1:], strict=True):
        assert own.shape == (len(encoding), adapter.width)
        torch.testing.assert_close(own, theirs[0], atol=1e-5, rtol=1e-4)
    alone = shown_attention(adapter, structure_records()[1]["primary"])
    torch.testing.assert_close(torch.stack(maps), alone, atol=0, rtol=0)


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("esmc_300m", "EsmcModel"),
        ("prot_t5_xl", "T5EncoderModel"),
        ("zymctrl", "GPT2Model"),
        ("esm1b", "EsmModel"),
    ],
)
def test_vectors_of_other_shapes_are_those_of_from_pretrained(
    model: str, kind: str, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, model, layers=3, width=24, heads=3)
    adapter = Checkpoint(MODELS[model], Weights(folder, "test")).load()
    encoding = adapter.encode(structure_records()[1]["primary"])
    network = getattr(transformers, kind).from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32
    )
    with torch.no_grad():
        tokens = torch.from_numpy(encoding.tokens)[None]
        expected = network(tokens, output_hidden_states=True).hidden_states
    seen: list[torch.Tensor] = []
    adapter.represent([encoding], lambda layer, x: seen.append(x[0].clone()))
    assert len(seen) == adapter.layers == len(expected) - 1
    for own, theirs in zip(seen, expected[1:], strict=True):
        torch.testing.assert_close(own, theirs[0], atol=1e-5, rtol=1e-4)
        assert own.shape[1] == adapter.width


def test_vectors_of_the_msa_transformer_are_fair_esms(tmp_path: Path) -> None:
    esm: Any = pytest.importorskip("esm", reason="fair-esm is not here (requirements-test.txt)")
    folder = write_published(tmp_path / "weights")
    tokens = encode(random_alignment(7, 31))
    with torch.serialization.safe_globals([argparse.Namespace]):
        data = torch.load(folder / FILE, weights_only=True)
    network, _ = esm.pretrained.load_model_and_alphabet_core(FILE, data, None)
    network.train(False)
    with torch.no_grad():
        found = network(tokens[None], repr_layers=list(range(1, SMALL.layers + 1)))
    adapter = loaded(folder, torch.float32, math.inf)
    seen: list[torch.Tensor] = []
    maps: list[torch.Tensor] = []
    with torch.inference_mode():
        adapter.network(
            tokens,
            lambda layer, p: maps.append(p),
            receive_query=lambda layer, x: seen.append(x[0].clone()),
        )
    assert len(maps) == len(seen) == SMALL.layers
    for layer, own in enumerate(seen, 1):
        theirs = found["representations"][layer][0, 0]
        torch.testing.assert_close(own, theirs, atol=1e-5, rtol=1e-4)


def test_a_model_without_vectors_says_so() -> None:
    class Silent(WindowAdapter):
        represent = WindowAdapter.__mro__[1].represent

    with pytest.raises(AtlasError, match=r"does not show the vectors"):
        Silent().represent([], lambda layer, x: None)
