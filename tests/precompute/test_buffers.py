"""Attention is that of transformers' own `from_pretrained`, whatever buffers a file holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from precompute.demo import MODEL_FOLDER
from precompute.errors import AtlasError
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.checkpoints import (
    change_state,
    eager_attention,
    make_checkpoint,
    own_checkpoint,
    shown_attention,
)

OLD = "esm.encoder.layer.{}.attention.self.rotary_embeddings.inv_freq"
NEW = "esm.rotary_embeddings.inv_freq"
SHAPES = {
    "prot_bert": ("bert", "BertModel"),
    "prot_albert": ("albert", "AlbertModel"),
    "prot_xlnet": ("xlnet", "XLNetModel"),
    "esm2_t6_8m": ("esm", "EsmModel"),
    "esm1b": ("esm", "EsmModel"),
    "roberta": ("roberta", "RobertaModel"),
}
ABSOLUTE = {"position_embedding_type": "absolute", "emb_layer_norm_before": True}


def random_sequence(residues: int) -> str:
    letters = np.random.default_rng(residues).choice(list("ACDEFGHIKLMNPQRSTVWY"), residues)
    return "".join(letters)


def rounded(names: list[str]):
    """Put rotary frequencies as ESM-2's files hold them: once rounded to float16."""

    def change(state: dict[str, torch.Tensor]) -> None:
        exact = state.pop(NEW)
        assert not torch.equal(exact, exact.half().float()), "rounding changes nothing"
        state |= {name: exact.half().float() for name in names}

    return change


@pytest.mark.parametrize("names", [[NEW], [OLD.format(0), OLD.format(1)]], ids=["new", "old"])
def test_rotary_frequencies_are_the_checkpoints(names: list[str], tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "esm", "esm2_t6_8m", initializer_range=0.5)
    exact = own_checkpoint(Path(shutil.copytree(folder, tmp_path / "exact")), "esm").load()
    change_state(folder, rounded(names))
    adapter = own_checkpoint(folder, "esm").load()
    for residues in (64, 255, 510, 1022):
        sequence = random_sequence(residues)
        expected = eager_attention(folder, "EsmModel", adapter.encode(sequence).tokens.tolist())
        found = shown_attention(adapter, sequence)
        assert (found - expected).abs().max() == 0.0
        recomputed = shown_attention(exact, sequence)
        assert (recomputed - expected).abs().max() > 0.01, "the frequencies would not matter"


def test_frequencies_that_differ_between_layers_are_refused(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "esm", "esm2_t6_8m")
    change_state(folder, rounded([OLD.format(0), OLD.format(1)]))
    change_state(folder, lambda state: state[OLD.format(1)].mul_(2))
    with pytest.raises(AtlasError, match=r"differ between layers \(encoder.layer.1"):
        own_checkpoint(folder, "esm").load()
    change_state(folder, lambda state: state.pop(OLD.format(1)))
    change_state(folder, lambda state: state.update({NEW: state[OLD.format(0)] * 2}))
    with pytest.raises(AtlasError, match=r"differ between layers \(encoder.layer.0"):
        own_checkpoint(folder, "esm").load()


@pytest.mark.parametrize("positions", [{}, ABSOLUTE], ids=["rotary", "absolute"])
def test_frequencies_and_positions_that_do_not_go_together(positions: dict, tmp_path: Path) -> None:
    """ESM-2's files hold a table of positions too, which nothing may read by mistake."""
    folder = make_checkpoint(tmp_path / "esm", "esm2_t6_8m", **positions)
    table, frequencies = "esm.embeddings.position_embeddings.weight", torch.ones(4)
    if positions:
        change_state(folder, lambda state: state.update({OLD.format(0): frequencies}))
        with pytest.raises(AtlasError, match="does not ask for rotary positions"):
            own_checkpoint(folder, "esm").load()
    else:
        change_state(folder, lambda state: state.update({table: torch.ones(1026, 24)}))
        own_checkpoint(folder, "esm").load()


@pytest.mark.parametrize("like", SHAPES)
def test_every_buffer_is_what_transformers_makes_of_it(like: str, tmp_path: Path) -> None:
    """Each is saved and altered: stored ones are read, and what no file stores is ignored."""
    architecture, kind = SHAPES[like]
    folder = make_checkpoint(
        tmp_path / "model",
        "esm2" if like.startswith("esm") else like,
        sharpness=30,
        **(ABSOLUTE if like == "esm1b" else {}),
    )
    network = getattr(transformers, kind).from_pretrained(folder, attn_implementation="eager")
    stored = set(network.state_dict()) - {name for name, _ in network.named_parameters()}
    buffers = [name for name, _ in network.named_buffers()]
    assert stored == ({"rotary_embeddings.inv_freq"} if like == "esm2_t6_8m" else set())
    assert buffers or like == "prot_xlnet"
    prefix = f"{network.base_model_prefix}."
    for name in buffers:
        altered = network.get_buffer(name).flip(-1).contiguous() + 1
        change_state(folder, lambda state, n=name, t=altered: state.update({prefix + n: t}))
    adapter = own_checkpoint(folder, architecture).load()
    sequence = random_sequence(100)
    expected = eager_attention(folder, kind, adapter.encode(sequence).tokens.tolist())
    assert torch.equal(shown_attention(adapter, sequence), expected)


def test_the_buffers_of_the_shipped_model(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(MODEL_FOLDER, tmp_path / "demo"))
    plain = Checkpoint(MODELS["demo"], Weights(folder, "test")).load()
    state = load_file(folder / "model.safetensors")
    position_ids = torch.arange(plain.encoder.config.max_position_embeddings).flip(0)[None]
    state["bert.embeddings.position_ids"] = position_ids
    save_file(state, folder / "model.safetensors")
    altered = Checkpoint(MODELS["demo"], Weights(folder, "test")).load()
    for one, other in zip(plain.encoder.buffers(), altered.encoder.buffers(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("number_type", [torch.bfloat16, torch.float64])
def test_frequencies_keep_their_precision(number_type: torch.dtype, tmp_path: Path) -> None:
    """transformers keeps them in float32 in a model of bfloat16."""
    folder = make_checkpoint(tmp_path / "esm", "esm2_t6_8m", initializer_range=0.5)
    adapter = own_checkpoint(folder, "esm").load()
    adapter.to(torch.device("cpu"), number_type)
    assert adapter.encoder.rotary_embeddings.inv_freq.dtype == torch.float32
    assert next(adapter.encoder.parameters()).dtype == number_type
    network = transformers.EsmModel.from_pretrained(
        folder, attn_implementation="eager", dtype=number_type
    )
    sequence = random_sequence(200)
    tokens = torch.from_numpy(adapter.encode(sequence).tokens)[None]
    with torch.no_grad():
        expected = torch.stack(network(tokens, output_attentions=True).attentions)[:, 0]
    assert torch.equal(shown_attention(adapter, sequence), expected)
