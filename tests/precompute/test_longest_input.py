"""How long an input a model reads: said before data are read, for every architecture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import transformers

from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.live.running.worker import refuse_too_long
from precompute.models import MODELS
from precompute.models.configuration import longest_input, read_config
from tests.checkpoints import (
    change_config,
    eager_attention,
    make_checkpoint,
    own_checkpoint,
    shown_attention,
)
from tests.precompute.test_buffers import ABSOLUTE, random_sequence

LIMITS = {
    "prot_bert": ("bert", {"max_position_embeddings": 40}, 40),
    "prot_albert": ("albert", {"max_position_embeddings": 40}, 40),
    "prot_xlnet": ("xlnet", {}, None),
    "esm2": ("esm", {"max_position_embeddings": 40}, 40),
    "esm1b": ("esm", {"max_position_embeddings": 40, **ABSOLUTE}, 38),
    "roberta": ("roberta", {"max_position_embeddings": 40}, 38),
}


def checkpoint(folder: Path, like: str) -> Path:
    return make_checkpoint(folder, "esm" if like.startswith("esm") else like, **LIMITS[like][1])


@pytest.mark.parametrize("like", LIMITS)
def test_the_longest_input_is_read_and_one_more_is_not(like: str, tmp_path: Path) -> None:
    architecture, _, limit = LIMITS[like]
    folder = checkpoint(tmp_path / "model", like)
    adapter = own_checkpoint(folder, architecture).load()
    assert adapter.max_tokens == limit
    assert longest_input(read_config(folder), architecture, folder) == limit
    if limit is None:
        return
    sequence = random_sequence(limit - 2)
    kind = {"bert": "Bert", "albert": "Albert", "esm": "Esm", "roberta": "Roberta"}[architecture]
    tokens = adapter.encode(sequence).tokens.tolist()
    expected = eager_attention(folder, f"{kind}Model", tokens)
    assert torch.equal(shown_attention(adapter, sequence), expected)
    if like != "esm2":  # whose positions have no end
        with pytest.raises((IndexError, RuntimeError)):
            shown_attention(adapter, random_sequence(limit - 1))


def test_the_published_tables_of_positions(tmp_path: Path) -> None:
    """ESM-1b's 1,026 positions read 1,024 tokens; ESM-2's end where training did."""
    config = {"max_position_embeddings": 1026, "pad_token_id": 1, **ABSOLUTE}
    assert longest_input(config, "esm", tmp_path) == 1024
    rotary = config | {"position_embedding_type": "rotary"}
    assert longest_input(rotary, "esm", tmp_path) == 1026
    assert longest_input({"max_position_embeddings": 514}, "roberta", tmp_path) == 512


@pytest.mark.parametrize("kind", ["Bert", "Albert", "Esm", "Roberta"])
def test_what_configurations_leave_out_is_what_transformers_takes(
    kind: str, tmp_path: Path
) -> None:
    silent = getattr(transformers, f"{kind}Config")().to_dict()
    config = {"pad_token_id": silent["pad_token_id"]} if kind != "Esm" else {"pad_token_id": 1}
    expected = longest_input(silent | config, kind.lower(), tmp_path)
    assert longest_input(config if kind == "Esm" else {}, kind.lower(), tmp_path) == expected


@pytest.mark.parametrize("like", [name for name, (_, _, limit) in LIMITS.items() if limit])
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_the_shell_says_it_before_data_are_read(
    like: str, dry: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    architecture, _, limit = LIMITS[like]
    folder = checkpoint(tmp_path / "model", like)
    arguments = ["run", "--model", "mine", "--architecture", architecture, "--quiet", *dry]
    arguments += ["--weights", str(folder), "--dataset", "proteinnet"]
    arguments += ["--data", str(tmp_path / "no data here"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--max-length", str(limit + 1)]) == 1
    said = capsys.readouterr().err
    assert f"mine reads at most {limit} tokens; give --max-length {limit} or less." in said
    assert main([*arguments, "--max-length", str(limit)]) == 1
    assert "nothing at" in capsys.readouterr().err, "the data come next"


def test_one_of_several_models_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("prot_bert", "antiberty"):
        make_checkpoint(tmp_path / "weights" / name, name)
    arguments = ["run", "--model", "prot_bert,antiberty", "--weights", str(tmp_path / "weights")]
    arguments += ["--dataset", "proteinnet", "--data", str(tmp_path / "nowhere"), "--quiet"]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--max-length", "513"]) == 1
    assert "AntiBERTy reads at most 512 tokens" in capsys.readouterr().err


def test_live_says_it_before_a_model_is_loaded(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "antiberty")
    (folder / "pytorch_model.bin").unlink()
    model = MODELS["antiberty"]
    refuse_too_long(model, folder, "A" * 510)
    refuse_too_long(model, folder, "A" * 511)  # in windows
    family = replace(model, reads_any=False)  # no chain is cut for it
    with pytest.raises(AtlasError, match="511 residues, and this model reads at most 510"):
        refuse_too_long(family, folder, "A" * 511)
    change_config(folder, max_position_embeddings=31)
    with pytest.raises(AtlasError, match="511 residues, and this model reads at most 29"):
        refuse_too_long(model, folder, "A" * 511)
    change_config(folder, quantization_config={"quant_method": "awq"})
    with pytest.raises(AtlasError, match="quantised"):
        refuse_too_long(model, folder, "A" * 20)
