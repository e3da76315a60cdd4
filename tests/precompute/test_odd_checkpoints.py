"""Checkpoints as people have them: read as transformers reads them, or refused with a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers

from precompute.errors import AtlasError
from tests.checkpoints import (
    change_config,
    change_state,
    eager_attention,
    make_checkpoint,
    own_checkpoint,
    shown_attention,
)

State = dict[str, torch.Tensor]
SEQUENCE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQ"
SHAPES = {
    "prot_bert": ("bert", "BertModel"),
    "prot_albert": ("albert", "AlbertModel"),
    "prot_xlnet": ("xlnet", "XLNetModel"),
    "esm2_t6_8m": ("esm", "EsmModel"),
    "roberta": ("roberta", "RobertaModel"),
}
QUERY = "bert.encoder.layer.0.attention.self.query"


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "model", "prot_bert", sharpness=30)


def assert_read(folder: Path, architecture: str, expected: torch.Tensor) -> None:
    found = shown_attention(own_checkpoint(folder, architecture).load(), SEQUENCE)
    assert torch.equal(found, expected)


def own_attention(folder: Path, like: str) -> torch.Tensor:
    architecture, kind = SHAPES[like]
    adapter = own_checkpoint(folder, architecture).load()
    return eager_attention(folder, kind, adapter.encode(SEQUENCE).tokens.tolist())


def refusal(folder: Path, architecture: str = "bert") -> str:
    with pytest.raises(AtlasError) as refused:
        own_checkpoint(folder, architecture).load()
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# Read


@pytest.mark.parametrize("like", SHAPES)
@pytest.mark.parametrize(
    "prefix",
    ["module.", "_orig_mod.", "model.", "base_model.model.", "module._orig_mod.model.", "a.b.c."],
)
def test_prefixes_of_training_programs(like: str, prefix: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30)
    expected = own_attention(folder, like)
    change_state(folder, lambda state: {prefix + name: t for name, t in state.items()})
    assert_read(folder, SHAPES[like][0], expected)


@pytest.mark.parametrize("like", SHAPES)
@pytest.mark.parametrize("prefix", ["", "module.", "encoder."])
def test_bare_encoders(like: str, prefix: str, tmp_path: Path) -> None:
    """Saved without a head and without the model's own name, wrapped or not."""
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30)
    expected = own_attention(folder, like)
    own = {"prot_xlnet": "transformer.", "esm2_t6_8m": "esm."}.get(like, f"{SHAPES[like][0]}.")

    def bare(state: State) -> State:
        return {prefix + n.removeprefix(own): t for n, t in state.items() if n.startswith(own)}

    change_state(folder, bare)
    assert_read(folder, SHAPES[like][0], expected)


def test_heads_beside_a_bare_encoder_are_left_out(bert: Path) -> None:
    expected = own_attention(bert, "prot_bert")
    change_state(bert, lambda state: {n.removeprefix("bert."): t for n, t in state.items()})
    change_state(bert, lambda state: state.update({"classifier.weight": torch.ones(2, 24)}))
    assert_read(bert, "bert", expected)


def test_layers_compiled_one_by_one(bert: Path) -> None:
    expected = own_attention(bert, "prot_bert")
    change_state(
        bert,
        lambda state: {re.sub(r"(layer\.\d+)", r"\1._orig_mod", n): t for n, t in state.items()},
    )
    assert_read(bert, "bert", expected)


@pytest.mark.parametrize("number_type", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("like", ["prot_bert", "esm2_t6_8m"])
def test_every_floating_number_is_read_as_it_stands(
    like: str, number_type: torch.dtype, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30)
    change_state(folder, lambda state: {n: t.to(number_type) for n, t in state.items()})
    assert_read(folder, SHAPES[like][0], own_attention(folder, like))


def test_a_tensor_in_two_files_is_refused(bert: Path) -> None:
    state = torch.load(bert / "pytorch_model.bin", weights_only=True)
    names = [f"pytorch_model-{part}-of-2.bin" for part in (1, 2)]
    halves = [dict(list(state.items())[:9]), dict(list(state.items())[9:])]
    for name, half in zip(names, halves, strict=True):
        torch.save(half, bert / name)
    index = {"weight_map": {t: n for n, half in zip(names, halves, strict=True) for t in half}}
    (bert / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    expected = own_attention(bert, "prot_bert")
    (bert / "pytorch_model.bin").unlink()
    assert_read(bert, "bert", expected)
    torch.save(state, bert / names[1])
    assert "in two files" in refusal(bert)


@pytest.mark.parametrize("like", ["prot_bert", "esm2_t6_8m", "roberta"])
def test_embeddings_above_the_vocabulary(like: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30, vocab_size=64)
    assert_read(folder, SHAPES[like][0], own_attention(folder, like))


@pytest.mark.parametrize("settings", [{"num_hidden_groups": 2}, {"inner_group_num": 2}])
def test_layouts_of_albert(settings: dict, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "prot_albert", layers=4, sharpness=30, **settings)
    assert_read(folder, "albert", own_attention(folder, "prot_albert"))


@pytest.mark.parametrize("settings", [{"attn_type": "bi"}, {"clamp_len": 7}, {"same_length": True}])
def test_settings_of_xlnet(settings: dict, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "prot_xlnet", sharpness=30, **settings)
    assert_read(folder, "xlnet", own_attention(folder, "prot_xlnet"))


@pytest.mark.parametrize("settings", [{}, {"same_length": True}, {"clamp_len": 7}])
def test_an_xlnet_that_reads_backwards_alone_is_refused(settings: dict, tmp_path: Path) -> None:
    """Its arcs would be counted as those of a model that sees both sides."""
    folder = make_checkpoint(tmp_path / "model", "prot_xlnet", attn_type="uni", **settings)
    with pytest.raises(AtlasError, match=r"attn_type is 'uni'.*only 'bi' can be measured"):
        own_checkpoint(folder, "xlnet").load()


def test_esm_without_its_contact_head(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "esm2_t6_8m", sharpness=30)
    expected = own_attention(folder, "esm2_t6_8m")
    change_state(folder, lambda s: {n: t for n, t in s.items() if "contact_head" not in n})
    assert_read(folder, "esm", expected)


@pytest.mark.parametrize("name", ["camembert", "xlm-roberta", None])
def test_other_names_of_robertas_shape(name: str | None, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "roberta", sharpness=30)
    expected = own_attention(folder, "roberta")
    change_config(folder, model_type=name)
    assert_read(folder, "roberta", expected)


def test_a_copy_of_the_same_tensors_is_no_second_model(bert: Path) -> None:
    expected = own_attention(bert, "prot_bert")
    change_state(bert, lambda state: state.update({f"model.{n}": t for n, t in state.items()}))
    assert_read(bert, "bert", expected)


@pytest.mark.parametrize("like", [*SHAPES, "tape_bert"])
@pytest.mark.parametrize("shard", ["1GB", "20KB"])
def test_what_transformers_saves_again_is_read(like: str, shard: str, tmp_path: Path) -> None:
    """Names change on the way: ESM's frequencies come back under a star in the layer's place."""
    architecture, kind = SHAPES.get(like, ("bert", "BertModel"))
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30)
    if like == "esm2_t6_8m":
        old = "esm.encoder.layer.{}.attention.self.rotary_embeddings.inv_freq"

        def as_published(state: State) -> None:
            frequencies = state.pop("esm.rotary_embeddings.inv_freq").half().float()
            state |= {old.format(layer): frequencies.clone() for layer in (0, 1)}

        change_state(folder, as_published)
    expected = shown_attention(own_checkpoint(folder, architecture).load(), SEQUENCE)
    network = getattr(transformers, kind).from_pretrained(folder)
    (folder / "pytorch_model.bin").unlink()
    network.save_pretrained(folder, max_shard_size=shard)
    assert (folder / "model.safetensors").is_file() == (shard == "1GB")
    assert_read(folder, architecture, expected)


@pytest.mark.parametrize("like", ["prot_albert", "prot_xlnet"])
def test_a_tokenizer_that_transformers_saves_again_is_read(like: str, tmp_path: Path) -> None:
    """Of a SentencePiece model transformers 5 leaves tokenizer.json alone."""
    architecture, _ = SHAPES[like]
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30)
    sequence = "MKTAYXUZOBW"
    before = own_checkpoint(folder, architecture).load()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, do_lower_case=False)
    tokenizer.save_pretrained(folder)
    (folder / "spiece.model").unlink()
    after = own_checkpoint(folder, architecture).load()
    assert after.encode(sequence).tokens.tolist() == before.encode(sequence).tokens.tolist()
    assert after.special_tokens == before.special_tokens
    assert torch.equal(shown_attention(after, sequence), shown_attention(before, sequence))


@pytest.mark.parametrize("name", ["esm2_t6_8M_UR50D", "esm1b_t33_650M_UR50S"])
def test_a_file_of_fair_esm_that_the_hub_has_too(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.pt").touch()
    said = refusal(tmp_path, "esm")
    assert f"huggingface.co/facebook/{name}," in said
    assert "give the file as it was published" not in said


@pytest.mark.parametrize(
    "head", ["fc.weight", "lstm.weight_ih_l0", "crf.transitions", "mlp.0.bias"]
)
def test_heads_of_other_names_beside_a_bare_encoder(bert: Path, head: str) -> None:
    expected = own_attention(bert, "prot_bert")
    change_state(bert, lambda state: {n.removeprefix("bert."): t for n, t in state.items()})
    change_state(bert, lambda state: state.update({head: torch.ones(2)}))
    assert_read(bert, "bert", expected)


@pytest.mark.parametrize("like", SHAPES)
def test_a_setting_that_only_saves_memory(like: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30)
    expected = own_attention(folder, like)
    change_config(folder, chunk_size_feed_forward=8)
    assert_read(folder, SHAPES[like][0], expected)


@pytest.mark.parametrize("like", [*SHAPES, "prot_t5_xl", "zymctrl"])
@pytest.mark.parametrize(
    "asked", [{"return_dict": False}, {"output_attentions": True}, {"output_hidden_states": True}]
)
def test_what_a_configuration_asks_to_be_given_out_besides(
    like: str, asked: dict, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path / "model", like, sharpness=30)
    others = {"prot_t5_xl": ("t5", "T5EncoderModel"), "zymctrl": ("gpt2", "GPT2Model")}
    architecture, kind = SHAPES.get(like) or others[like]
    tokens = own_checkpoint(folder, architecture).load().encode(SEQUENCE).tokens.tolist()
    expected = eager_attention(folder, kind, tokens)
    change_config(folder, **asked)
    assert_read(folder, architecture, expected)


# Refused

BESIDE = ("adapters.0.down.weight", "loras.mine.A", "delta.bert.x", "soft_prompt.weight", "prompts")


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("like", ["prot_bert", "esm2_t6_8m"])
def test_what_changes_an_encoder_from_outside_is_named(
    like: str, name: str, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path / "model", like)
    change_state(folder, lambda state: state.update({name: torch.ones(3)}))
    assert f"({name})" in refusal(folder, SHAPES[like][0])


@pytest.mark.parametrize(
    ("change", "said"),
    [(torch.Tensor.to_sparse, "is sparse"), (lambda t: t.to("meta"), "is without numbers")],
)
def test_tensors_of_other_kinds_are_refused(bert: Path, change: Callable, said: str) -> None:
    change_state(bert, lambda s: s.update({f"{QUERY}.weight": change(s[f"{QUERY}.weight"])}))
    assert said in refusal(bert)


@pytest.mark.parametrize("heads", [4, 6, 12])
def test_a_contact_head_tells_the_number_of_heads(heads: int, tmp_path: Path) -> None:
    """Nothing else does where positions are absolute: every shape is as with three heads."""
    folder = make_checkpoint(tmp_path / "model", "esm1b", position_embedding_type="absolute")
    own_checkpoint(folder, "esm").load()
    change_config(folder, num_attention_heads=heads)
    assert f"reads 6 heads, and its config.json tells of {2 * heads}" in refusal(folder, "esm")


QUANTISED: dict[str, Callable[[State], object]] = {
    "int8 of bitsandbytes": lambda s: s.update(
        {
            f"{QUERY}.weight": s[f"{QUERY}.weight"].mul(9).to(torch.int8),
            f"{QUERY}.SCB": torch.ones(24),
            f"{QUERY}.weight_format": torch.tensor(0, dtype=torch.uint8),
        }
    ),
    "int8 alone": lambda s: s.update(
        {f"{QUERY}.weight": s[f"{QUERY}.weight"].mul(9).to(torch.int8)}
    ),
    "scales alone": lambda s: s.update({f"{QUERY}.SCB": torch.ones(24)}),
    "float8": lambda s: s.update(
        {
            f"{QUERY}.weight": s[f"{QUERY}.weight"].to(torch.float8_e4m3fn),
            f"{QUERY}.weight_scale": torch.ones(()),
        }
    ),
    "float8 alone": lambda s: s.update(
        {f"{QUERY}.weight": s[f"{QUERY}.weight"].to(torch.float8_e5m2)}
    ),
    "float16 with scales": lambda s: s.update({f"{QUERY}.weight_scale_inv": torch.ones(1)}),
    "4 bit": lambda s: s.update(
        {
            f"{QUERY}.weight": torch.zeros(288, 1, dtype=torch.uint8),
            f"{QUERY}.weight.absmax": torch.ones(9),
            f"{QUERY}.weight.quant_map": torch.ones(16),
            f"{QUERY}.weight.quant_state.bitsandbytes__nf4": torch.ones(9, dtype=torch.uint8),
        }
    ),
    "GPTQ": lambda s: (
        s.pop(f"{QUERY}.weight"),
        s.update(
            {
                f"{QUERY}.qweight": torch.zeros(3, 24, dtype=torch.int32),
                f"{QUERY}.qzeros": torch.zeros(1, 3, dtype=torch.int32),
                f"{QUERY}.scales": torch.ones(1, 24),
                f"{QUERY}.g_idx": torch.zeros(24, dtype=torch.int32),
            }
        ),
    ),
    "packed": lambda s: (
        s.pop(f"{QUERY}.weight"),
        s.update({f"{QUERY}.weight_packed": torch.zeros(3, 24, dtype=torch.int32)}),
    ),
    "embeddings in int8": lambda s: s.update(
        {
            "bert.embeddings.word_embeddings.weight": torch.ones(30, 24).to(torch.int8),
        }
    ),
}


@pytest.mark.parametrize("kind", QUANTISED)
def test_quantised_weights_are_refused(bert: Path, kind: str) -> None:
    change_state(bert, QUANTISED[kind])
    assert "is quantised" in refusal(bert)


def test_quantisation_in_the_configuration(bert: Path) -> None:
    change_config(bert, quantization_config={"quant_method": "gptq", "bits": 4})
    assert "is quantised (gptq" in refusal(bert)


def wrapped_by_peft(state: State) -> State:
    names = {n: n.replace(".query.weight", ".query.base_layer.weight") for n in state}
    lora = {
        f"base_model.model.{QUERY}.lora_A.default.weight": torch.ones(2, 24),
        f"base_model.model.{QUERY}.lora_B.default.weight": torch.ones(24, 2),
    }
    return {f"base_model.model.{names[n]}": t for n, t in state.items()} | lora


ADAPTERS: dict[str, Callable[[State], object]] = {
    "beside the weights": lambda s: s.update(
        {f"{QUERY}.lora_A.weight": torch.ones(2, 24), f"{QUERY}.lora_B.weight": torch.ones(24, 2)}
    ),
    "wrapped": wrapped_by_peft,
    "as weights": lambda s: {
        f"base_model.model.{QUERY}.lora_A.weight": torch.ones(2, 24),
        f"base_model.model.{QUERY}.lora_B.weight": torch.ones(24, 2),
    },
    "of embeddings": lambda s: s.update(
        {"bert.embeddings.word_embeddings.lora_embedding_A": torch.ones(2, 30)}
    ),
    "DoRA": lambda s: s.update({f"{QUERY}.lora_magnitude_vector.weight": torch.ones(24)}),
    "IA3": lambda s: s.update({f"{QUERY}.ia3_l": torch.ones(24, 1)}),
    "AdapterHub's": lambda s: s.update({f"{QUERY}.loras.mine.lora_A": torch.ones(2, 24)}),
}


@pytest.mark.parametrize("kind", ADAPTERS)
def test_lora_in_the_file_is_refused(bert: Path, kind: str) -> None:
    change_state(bert, ADAPTERS[kind])
    sentence = refusal(bert)
    assert "LoRA" in sentence
    assert "merge_and_unload" in sentence


@pytest.mark.parametrize("alone", [True, False])
def test_an_adapters_folder_is_refused(bert: Path, alone: bool) -> None:
    (bert / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 8}))
    (bert / "adapter_model.safetensors").write_bytes(b"")
    if alone:
        (bert / "config.json").unlink()
        (bert / "pytorch_model.bin").unlink()
    sentence = refusal(bert)
    assert "holds a LoRA" in sentence
    assert "merge_and_unload" in sentence


def test_trained_prompts_are_refused(bert: Path) -> None:
    change_state(bert, lambda s: s.update({"prefix_encoder.embedding.weight": torch.ones(8, 96)}))
    assert "prompt or prefix (prefix_encoder" in refusal(bert)


@pytest.mark.parametrize("kind", ["relative_key", "relative_key_query", "rotary"])
@pytest.mark.parametrize("like", ["prot_bert", "prot_albert", "roberta", "esm2_t6_8m"])
def test_relative_positions_are_refused(like: str, kind: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", like)
    change_config(folder, position_embedding_type=kind)
    if like == "esm2_t6_8m" and kind == "rotary":
        own_checkpoint(folder, "esm").load()
    else:
        assert f"type {kind}" in refusal(folder, SHAPES[like][0])


def test_relative_positions_of_which_the_configuration_is_silent(bert: Path) -> None:
    name = "bert.encoder.layer.0.attention.self.distance_embedding.weight"
    change_state(bert, lambda state: state.update({name: torch.ones(79, 8)}))
    assert "relative positions" in refusal(bert)


INSIDE = {
    "prot_bert": "bert.encoder.layer.0.attention.self.{}",
    "prot_albert": "albert.encoder.albert_layer_groups.0.albert_layers.0.{}",
    "prot_xlnet": "transformer.layer.1.rel_attn.{}",
    "esm2_t6_8m": "esm.encoder.layer.0.attention.output.{}",
    "roberta": "roberta.encoder.layer.1.output.{}",
}


@pytest.mark.parametrize("like", SHAPES)
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("further", ["adapter.down.weight", "gate", "dense.weight_g", "beta_2"])
def test_a_further_tensor_inside_the_encoder_is_named(
    like: str, prefix: str, further: str, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path / "model", like)
    name = INSIDE[like].format(further)

    def change(state: State) -> State:
        return {prefix + n: t for n, t in (state | {name: torch.ones(3)}).items()}

    change_state(folder, change)
    sentence = refusal(folder, SHAPES[like][0])
    assert f"holds {name.split('.', 1)[1]} inside the encoder" in sentence


@pytest.mark.parametrize(
    "name", ["bert.gate.weight", "bert.encoder.layer.2.output.dense.weight", "bert.embeddings.x"]
)
def test_further_parts_of_an_encoder_are_named(bert: Path, name: str) -> None:
    change_state(bert, lambda state: state.update({name: torch.ones(3)}))
    assert name.removeprefix("bert.") in refusal(bert)


@pytest.mark.parametrize("prefixes", [("", "module."), ("student.", "teacher."), ("", "ema.")])
def test_two_encoders_are_refused(bert: Path, prefixes: tuple[str, str]) -> None:
    def both(state: State) -> State:
        one = {prefixes[0] + name: t for name, t in state.items()}
        return one | {prefixes[1] + name: t * 2 for name, t in state.items()}

    change_state(bert, both)
    sentence = refusal(bert)
    assert "two encoders" in sentence
    assert all(f"{prefix}bert." in sentence for prefix in prefixes)


def test_one_tensor_under_two_names_is_refused(bert: Path) -> None:
    name = "bert.embeddings.LayerNorm"
    change_state(bert, lambda s: s.update({f"{name}.gamma": s[f"{name}.weight"] * 2}))
    assert "twice" in refusal(bert)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(bert: Path, number: float) -> None:
    change_state(bert, lambda state: state[f"{QUERY}.weight"][3, 3].fill_(number))
    assert "NaN or infinite" in refusal(bert)


@pytest.mark.parametrize("key", ["state_dict", "model", "model_state_dict"])
def test_a_training_programs_wrapper_is_named(bert: Path, key: str) -> None:
    change_state(bert, lambda state: {key: state, "epoch": 3})
    assert f"under '{key}'" in refusal(bert)


def test_a_decoder_is_no_encoder(bert: Path) -> None:
    change_state(bert, lambda state: {f"decoder.{n}": t for n, t in state.items()})
    assert "decoder" in refusal(bert)
    change_config(bert, is_decoder=True)
    assert "only encoders" in refusal(bert)


@pytest.mark.parametrize(
    ("like", "changed", "said"),
    [
        ("prot_bert", {"pruned_heads": {"0": [1]}}, "pruned_heads"),
        ("prot_xlnet", {"bi_data": True}, "bi_data"),
        ("esm2_t6_8m", {"mask_token_id": None}, "mask_token_id"),
        ("esm2_t6_8m", {"pad_token_id": None}, "no pad_token_id"),
        ("prot_albert", {"num_hidden_layers": 0}, "num_hidden_layers is 0"),
        ("prot_albert", {"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000, and no"),
        ("prot_bert", {"layer_norm_eps": float("nan")}, "layer_norm_eps is nan"),
        ("prot_bert", {"layer_norm_eps": "small"}, "layer_norm_eps is small"),
        ("prot_xlnet", {"layer_norm_eps": []}, "layer_norm_eps is []"),
        ("esm2_t6_8m", {"mask_token_id": 10**30}, "no mask_token_id of its vocabulary"),
        ("prot_xlnet", {"n_head": 0}, "n_head is 0"),
        ("prot_xlnet", {"attn_type": "gelu"}, "attn_type is 'gelu'"),
        ("roberta", {"pad_token_id": 0}, "pad_token_id"),
        ("prot_bert", {"vocab_size": 29}, "another model"),
        ("prot_bert", {"vocab_size": 30522}, "another model"),
        ("prot_bert", {"vocab_size": 32}, "shape"),
        ("roberta", {"model_type": "bert"}, "holds a checkpoint of bert"),
        ("roberta", {"max_position_embeddings": "many"}, "max_position_embeddings"),
    ],
)
def test_configurations_that_are_refused(
    like: str, changed: dict, said: str, tmp_path: Path
) -> None:
    folder = change_config(make_checkpoint(tmp_path / "model", like), **changed)
    assert said in refusal(folder, SHAPES[like][0])
