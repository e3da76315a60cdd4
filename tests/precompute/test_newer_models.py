"""ESM-C, ESM-1b and the encoders of T5 against transformers' own loading and forward pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from precompute.errors import AtlasError
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.chains import structure_records
from tests.checkpoints import (
    RESIDUES,
    as_safetensors,
    change_config,
    change_state,
    eager_attention,
    make_checkpoint,
    own_checkpoint,
    shown_attention,
)

KINDS = {
    "esm1b": "EsmModel",
    "esmc_300m": "EsmcModel",
    "prot_t5_xl": "T5EncoderModel",
    "prost_t5": "T5EncoderModel",
    "ankh_base": "T5EncoderModel",
}
"""transformers' class of each."""
SEQUENCE = "ACDEFGHIKLMNPQRSTVWYXUZOB"


def loaded(model: str, folder: Path) -> Adapter:
    return Checkpoint(MODELS[model], Weights(folder, "test")).load()


def tokens_of(model: str, folder: Path, sequence: str) -> list[int]:
    """Tokens by the models' own tokenizers, used as their authors write."""
    import transformers

    if model == "esm1b":
        return list(transformers.EsmTokenizer(str(folder / "vocab.txt")).encode(sequence))
    if model == "esmc_300m":
        return list(transformers.EsmcTokenizer()(sequence)["input_ids"])
    if model == "ankh_base":
        fast = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
        return list(fast(list(sequence), is_split_into_words=True)["input_ids"])
    tokenizer = transformers.T5Tokenizer.from_pretrained(folder, do_lower_case=False)
    spaced = " ".join("X" if letter in "UZOB" else letter for letter in sequence)
    found = list(tokenizer(spaced)["input_ids"])
    return [149, *found] if model == "prost_t5" else found


@pytest.mark.parametrize("model", KINDS)
def test_tokens_are_the_tokenizers(model: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, model)
    adapter = loaded(model, folder)
    encoding = adapter.encode(SEQUENCE)
    assert encoding.tokens.tolist() == tokens_of(model, folder, SEQUENCE)
    first = MODELS[model].special_tokens == "first and last"
    assert encoding.residues.tolist() == [*([-1] * first), *range(len(SEQUENCE)), -1]
    assert adapter.special_tokens == 1 + first


@pytest.mark.parametrize("number_type", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("model", KINDS)
def test_attention_is_that_of_a_plain_eager_pass(
    model: str, number_type: torch.dtype, tmp_path: Path
) -> None:
    """To the last bit, whatever the file's number type: it is read as float32."""
    folder = make_checkpoint(tmp_path, model, layers=3, sharpness=10)
    change_state(folder, lambda state: {name: t.to(number_type) for name, t in state.items()})
    as_safetensors(folder)
    sequence = structure_records()[1]["primary"] + RESIDUES
    adapter = loaded(model, folder)
    expected = eager_attention(folder, KINDS[model], adapter.encode(sequence).tokens.tolist())
    shown = shown_attention(adapter, sequence)
    assert torch.equal(shown, expected)
    assert float(shown.max()) > 0.3, "nothing to count"
    far = torch.diagonal(expected, 8, -2, -1)
    assert float(far.std()) > 1e-4, "attention does not depend on what is attended to"


@pytest.mark.parametrize("model", KINDS)
def test_a_sequence_attends_alike_alone_and_beside_a_longer_one(model: str, tmp_path: Path) -> None:
    adapter = loaded(model, make_checkpoint(tmp_path, model, sharpness=10))
    short, long = (adapter.encode(record["primary"]) for record in structure_records()[:2])
    alone: list[torch.Tensor] = []
    beside: list[torch.Tensor] = []
    adapter.attend([short], lambda _, p: alone.append(p[0].clone()))
    adapter.attend([short, long], lambda _, p: beside.append(p[0].clone()))
    n = len(short)
    for one, other in zip(alone, beside, strict=True):
        torch.testing.assert_close(other[:, :n, :n], one, atol=1e-5, rtol=1e-4)
        assert torch.all(other[:, :n, n:] == 0), "padding receives attention"


@pytest.mark.parametrize("absolute", [True, False])
def test_esm_drops_masked_tokens_as_transformers_does(absolute: bool, tmp_path: Path) -> None:
    """With token_dropout the embeddings are scaled, and attention with them."""
    kind = "absolute" if absolute else "rotary"
    shown = []
    for dropped in (True, False):
        folder = make_checkpoint(
            tmp_path / str(dropped), "esm1b", token_dropout=dropped, position_embedding_type=kind
        )
        adapter = loaded("esm1b", folder)
        shown.append(shown_attention(adapter, SEQUENCE))
        tokens = adapter.encode(SEQUENCE).tokens.tolist()
        assert torch.equal(shown[-1], eager_attention(folder, "EsmModel", tokens))
    assert not torch.equal(*shown)


def test_esmc_reads_without_a_tokenizer_of_its_own(tmp_path: Path) -> None:
    """The authors' tokenizer has its tokens in its code, and reads no file."""
    folder = make_checkpoint(tmp_path, "esmc_600m")
    expected = loaded("esmc_600m", folder).encode(SEQUENCE).tokens.tolist()
    for file in folder.glob("*token*"):
        file.unlink()
    checkpoint = own_checkpoint(folder, "esmc")
    assert checkpoint.load().encode(SEQUENCE).tokens.tolist() == expected
    assert checkpoint.reading()["embeddings without a token"] == "31 of 64"


def test_a_chain_of_esmc_is_one_sequence_id(tmp_path: Path) -> None:
    """Padding is hidden by the mask as by a ``sequence_id`` of -1."""
    from transformers import EsmcModel

    folder = make_checkpoint(tmp_path, "esmc_300m")
    adapter = loaded("esmc_300m", folder)
    tokens = torch.from_numpy(adapter.encode(SEQUENCE).tokens)[None]
    network = EsmcModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    with torch.no_grad():
        found = network(tokens, sequence_id=torch.zeros_like(tokens), output_attentions=True)
    assert torch.equal(
        shown_attention(adapter, SEQUENCE), torch.stack([one[0] for one in found.attentions])
    )


def test_a_decoder_beside_the_encoder_is_left_out(tmp_path: Path) -> None:
    """As ProstT5 and Ankh are published: whole, the embeddings once for both."""
    from transformers import T5Config, T5ForConditionalGeneration

    folder = make_checkpoint(tmp_path, "prot_t5_xl", layers=2)
    torch.manual_seed(1)
    whole = T5ForConditionalGeneration(T5Config.from_pretrained(folder))
    state = {name: t.clone() for name, t in whole.state_dict().items()}
    assert any(name.startswith("decoder.block") for name in state)
    shown = []
    for dropped in ("encoder.embed_tokens.weight", "shared.weight", "nothing"):
        kept = {name: t for name, t in state.items() if name != dropped}
        torch.save(kept, folder / "pytorch_model.bin")
        adapter = loaded("prot_t5_xl", folder)
        shown.append(shown_attention(adapter, SEQUENCE))
    tokens = adapter.encode(SEQUENCE).tokens.tolist()
    expected = eager_attention(folder, "T5EncoderModel", tokens)
    assert all(torch.equal(one, expected) for one in shown)


def _without_direction(folder: Path) -> None:
    """Leave what transformers 5 saves of ProtT5's pieces, which know no direction."""
    (folder / "added_tokens.json").unlink()
    transformers.T5Tokenizer.from_pretrained(folder).save_pretrained(folder)
    (folder / "spiece.model").unlink()


def _without(**taken: Any) -> Any:
    return lambda folder: change_config(folder, **taken)


@pytest.mark.parametrize(
    ("model", "spoil", "sentence"),
    [
        (
            "esmc_300m",
            _without(hidden_size=None, d_model=24),
            r"no hidden_size: this is ESM-C in the layout of its authors' own package; take the "
            r"repository whose name ends with -hf",
        ),
        ("esmc_300m", _without(num_attention_heads=5), "does not describe a model of esmc"),
        ("esmc_300m", _without(num_hidden_layers=3), "lacks .* tensors"),
        ("esmc_300m", _without(model_type="esm"), "checkpoint of esm, and one of esmc was asked"),
        ("prot_t5_xl", _without(is_decoder=True), "is a decoder"),
        ("prot_t5_xl", _without(num_heads=0), "num_heads is 0"),
        (
            "prot_t5_xl",
            _without(relative_attention_max_distance=7),
            "max_distance is 7, and 32 rel",
        ),
        ("prot_t5_xl", _without(relative_attention_max_distance=-1), "max_distance is -1, and 32"),
        (
            "prost_t5",
            lambda folder: (folder / "added_tokens.json").unlink(),
            "no added_tokens.json with <AA2fold>, which ProstT5 reads before residues",
        ),
        (
            "prost_t5",
            _without_direction,
            "no tokenizer.json with <AA2fold>, which ProstT5 reads before residues",
        ),
        (
            "prost_t5",
            lambda folder: (folder / "added_tokens.json").write_text('{"<AA2fold>": "149"}'),
            "the added token <AA2fold> has the number '149'",
        ),
        (
            "prot_t5_xl",
            lambda folder: (folder / "spiece.model").unlink(),
            "has no spiece.model",
        ),
        (
            "prot_t5_xl",
            lambda folder: change_state(
                folder,
                lambda state: {
                    name: t for name, t in state.items() if "relative_attention_bias" not in name
                },
            ),
            "lacks 1 of .*relative_attention_bias",
        ),
    ],
)
def test_what_would_be_another_model_is_refused(
    model: str, spoil: Any, sentence: str, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, model, heads=4)
    spoil(folder)
    with pytest.raises(AtlasError, match=sentence):
        loaded(model, folder)
