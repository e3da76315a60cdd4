"""The models' tokens and attention against transformers' own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.piece_vocabulary import PieceVocabulary
from precompute.models.vocabulary import tape_vocabulary
from precompute.models.weights import Weights
from tests import naive
from tests.chains import structure_records
from tests.checkpoints import RESIDUES, as_safetensors, make_checkpoint

MODEL_NAMES = ["tape_bert", "prot_bert", "prot_bert_bfd", "prot_albert", "prot_xlnet", "esm2_t6_8m"]
SEQUENCE = "ACDEFGHIKLMNPQRSTVWYXUZOB"


@pytest.mark.parametrize(
    "model", ["prot_bert", "prot_albert", "prot_xlnet", "esm2_t6_8m", "antiberty"]
)
def test_tokens_are_the_tokenizers(model: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, model)
    encoding = Checkpoint(MODELS[model], Weights(folder, "test")).load().encode(SEQUENCE)
    assert encoding.tokens.tolist() == naive.encode(model, folder, SEQUENCE)
    inside = list(range(len(SEQUENCE)))
    at_the_end = MODELS[model].special_tokens == "last two"
    assert encoding.residues.tolist() == ([*inside, -1, -1] if at_the_end else [-1, *inside, -1])
    assert at_the_end == (model == "prot_xlnet")


def test_pieces_that_join_residues_are_mapped_not_skipped(tmp_path: Path) -> None:
    """ProtXLNet's vocabulary may join residues; the paper's code left such sequences out."""
    import sentencepiece

    lines = [" ".join(RESIDUES), *(f"{letter} {letter}" for letter in RESIDUES), "A C A C A C"]
    (tmp_path / "text").write_text("\n".join(lines * 50))
    sentencepiece.SentencePieceTrainer.train(
        input=str(tmp_path / "text"),
        model_prefix=str(tmp_path / "spiece"),
        model_type="bpe",
        split_by_whitespace=False,
        vocab_size=100,
        control_symbols=["<pad>", "<cls>", "<sep>"],
        pad_id=-1,
        minloglevel=2,
    )
    encoding = PieceVocabulary(tmp_path, (), ("<sep>", "<cls>")).encode("WACYWACYM")
    assert len(encoding) < len("WACYWACYM") + 2, "nothing was joined: the test proves nothing"
    with_token = encoding.residues[encoding.residues >= 0].tolist()
    assert with_token == sorted(set(with_token))
    assert 8 in with_token, "what follows a joined piece keeps its place"
    assert encoding.residues[-2:].tolist() == [-1, -1]


def test_tape_tokens_are_the_vocabularys() -> None:
    """A 5, B 6, C 7 … Z 29 in alphabetical order without J, as TAPE numbers them."""
    encoding = tape_vocabulary().encode("ABCIKZ")
    assert encoding.tokens.tolist() == [2, 5, 6, 7, 13, 14, 29, 3]
    assert tape_vocabulary().size == 30


@pytest.mark.parametrize("model", MODEL_NAMES)
@pytest.mark.parametrize("safetensors", [False, True])
def test_attention_is_that_of_a_plain_eager_pass(
    model: str, safetensors: bool, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, model, layers=3, sharpness=30)
    network = naive.load_network(model, folder)
    sequence = structure_records()[1]["primary"]
    expected = naive.attention(network, model, folder, sequence)
    if safetensors:
        as_safetensors(folder)
    adapter = Checkpoint(MODELS[model], Weights(folder, "test")).load()
    seen: list[torch.Tensor] = []
    adapter.attend([adapter.encode(sequence)], lambda layer, p: seen.append(p[0].clone()))
    assert len(seen) == adapter.layers == 3
    rows = torch.stack(seen).sum(-1)
    torch.testing.assert_close(rows, torch.ones_like(rows))
    crop = slice(0, -2) if model == "prot_xlnet" else slice(1, -1)
    np.testing.assert_array_equal(torch.stack(seen)[:, :, crop, crop].numpy(), expected)


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_a_sequence_attends_alike_alone_and_beside_a_longer_one(model: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, model, sharpness=30)
    adapter = Checkpoint(MODELS[model], Weights(folder, "test")).load()
    short, long = (adapter.encode(record["primary"]) for record in structure_records()[:2])
    alone: list[torch.Tensor] = []
    beside: list[torch.Tensor] = []
    adapter.attend([short], lambda layer, p: alone.append(p[0].clone()))
    adapter.attend([short, long], lambda layer, p: beside.append(p[0].clone()))
    n = len(short)
    for one, other in zip(alone, beside, strict=True):
        torch.testing.assert_close(other[:, :n, :n], one, atol=1e-5, rtol=1e-4)
        assert torch.all(other[:, :n, n:] == 0), "padding receives attention"


def test_registry_is_light() -> None:
    code = (
        "import sys, precompute.models, precompute.datasets, precompute.tables, "
        "precompute.published, precompute.command_line; "
        "print(sorted({'torch', 'transformers', 'streamlit', 'lmdb'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert run.stdout.strip() == "[]"


def test_registry_holds_the_papers_models() -> None:
    shapes = {name: (m.layers, m.heads) for name, m in MODELS.items() if m.in_paper}
    assert shapes == {
        "tape_bert": (12, 12),
        "prot_albert": (12, 64),
        "prot_bert": (30, 16),
        "prot_bert_bfd": (30, 16),
        "prot_xlnet": (30, 16),
    }
