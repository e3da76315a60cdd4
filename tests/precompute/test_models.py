"""The models' tokens and attention against transformers' own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from precompute.models import MODELS
from precompute.models.bert import load
from precompute.models.vocabulary import tape_vocabulary, vocab_txt_vocabulary
from tests import naive
from tests.chains import structure_records
from tests.checkpoints import as_safetensors, make_bert_checkpoint

SEQUENCE = "ACDEFGHIKLMNPQRSTVWYXUZOB"


def test_prot_bert_tokens_are_the_tokenizers(tmp_path: Path) -> None:
    from transformers import BertTokenizer

    folder = make_bert_checkpoint(tmp_path, "prot_bert")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False)
    spaced = " ".join("X" if letter in "UZOB" else letter for letter in SEQUENCE)
    encoding = vocab_txt_vocabulary(folder).encode(SEQUENCE)
    assert encoding.tokens.tolist() == tokenizer.encode(spaced)
    assert encoding.residues.tolist() == [-1, *range(len(SEQUENCE)), -1]


def test_tape_tokens_are_the_vocabularys() -> None:
    """A 5, B 6, C 7 … Z 29 in alphabetical order without J, as TAPE numbers them."""
    encoding = tape_vocabulary().encode("ABCIKZ")
    assert encoding.tokens.tolist() == [2, 5, 6, 7, 13, 14, 29, 3]
    assert tape_vocabulary().size == 30


@pytest.mark.parametrize("model", ["tape_bert", "prot_bert", "prot_bert_bfd"])
@pytest.mark.parametrize("safetensors", [False, True])
def test_attention_is_that_of_a_plain_eager_pass(
    model: str, safetensors: bool, tmp_path: Path
) -> None:
    folder = make_bert_checkpoint(tmp_path, model, layers=3, sharpness=30)
    network = naive.load_bert(folder)
    sequence = structure_records()[1]["primary"]
    expected = naive.bert_attention(network, model, folder, sequence)
    if safetensors:
        as_safetensors(folder)
    adapter = load(folder, MODELS[model].vocabulary)
    seen: list[torch.Tensor] = []
    adapter.attend([adapter.encode(sequence)], lambda layer, p: seen.append(p[0].clone()))
    assert len(seen) == adapter.layers == 3
    rows = torch.stack(seen).sum(-1)
    torch.testing.assert_close(rows, torch.ones_like(rows))
    np.testing.assert_array_equal(torch.stack(seen)[:, :, 1:-1, 1:-1].numpy(), expected)


def test_a_sequence_attends_alike_alone_and_beside_a_longer_one(tmp_path: Path) -> None:
    folder = make_bert_checkpoint(tmp_path, "prot_bert", sharpness=30)
    adapter = load(folder, "vocab.txt")
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
