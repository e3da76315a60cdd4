"""Small random checkpoints in the layouts in which the real models are published."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint, own_model
from precompute.models.weights import Weights

PROT_BERT_TOKENS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] L A G V E S I K R D T P N Q F Y M H C W X U B Z O"
)
ESM_TOKENS = (
    "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H C W X B U Z O . - <null_1> <mask>"
)
ANTIBERTY_TOKENS = "[PAD] [UNK] [CLS] [SEP] [MASK] A C D E F G H I K L M N P Q R S T V W Y"
ROBERTA_TOKENS = "<s> <pad> </s> <unk> A C D E F G H I K L M N P Q R S T V W Y <mask>"
"""As fairseq numbers them, and the published RoBERTas of antibodies after it."""
RESIDUES = "LAGVESIKRDTPNQFYMHCWXUBZO"
JOINS = 600
"""Pairs that `train_joined` joins."""


_SHARPENED = {"query", "key", "q_norm", "k_norm", "q", "k", "c_attn", "qkv_proj"}
"""Modules that make queries and keys, by the names of any architecture."""


def make_checkpoint(
    folder: Path,
    model: str,
    *,
    layers: int = 2,
    heads: int = 3,
    width: int = 24,
    seed: int = 0,
    sharpness: float = 12.0,
    **config: Any,
) -> Path:
    """Write a random checkpoint as `model` is published.

    ``sharpness`` scales the initial query and key weights, so that attention is peaked
    and there are arcs to count: the untrained default gives none above 0.1.
    """
    families = {"esmc": _esmc, "esm": _esm, "ankh": _ankh, "progen2": _progen2}
    named = [own for family, own in families.items() if model.startswith(family)]
    make = _MAKERS.get(model, named[0] if named else _prot_bert)
    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    network, written, rename = make(folder, layers, heads, width, config)
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            parts = name.split(".")
            if _SHARPENED & set(parts[:-1]) or (model == "prot_xlnet" and parts[-1] in "qkr"):
                tensor.mul_(sharpness)
    state = {rename(name): tensor.clone() for name, tensor in network.state_dict().items()}
    (folder / "config.json").write_text(json.dumps(written))
    torch.save(state, folder / "pytorch_model.bin")
    return folder


def _same(name: str) -> str:
    return name


def _tape_bert(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import BertConfig, BertForMaskedLM

    settings = _bert_settings(layers, heads, width) | {
        "max_position_embeddings": 8192,
        "type_vocab_size": 1,
        **config,
    }
    # TAPE's own names, as the original file has them.
    names = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}

    def rename(name: str) -> str:
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        return name

    network = BertForMaskedLM(BertConfig(**settings))
    return network, settings | {"model_type": "bert", "hidden_act": "gelu"}, rename


def _prot_bert(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import BertConfig, BertForMaskedLM

    settings = _bert_settings(layers, heads, width) | {
        "max_position_embeddings": 40000,
        "type_vocab_size": 2,
        **config,
    }
    (folder / "vocab.txt").write_text(PROT_BERT_TOKENS.replace(" ", "\n") + "\n")
    # The published configuration has no model_type.
    return BertForMaskedLM(BertConfig(**settings)), settings, _same


def _bert_settings(layers: int, heads: int, width: int) -> dict[str, Any]:
    return {
        "vocab_size": 30,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 2 * width,
        "layer_norm_eps": 1e-12,
    }


def _albert(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import AlbertConfig, AlbertForMaskedLM

    special = ["[CLS]", "[SEP]", "[MASK]"]
    settings = {
        "vocab_size": write_pieces(folder, ["<pad>", *special]),
        "embedding_size": 16,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_hidden_groups": 1,
        "inner_group_num": 1,
        "num_attention_heads": heads,
        "intermediate_size": 2 * width,
        "max_position_embeddings": 40000,
        "type_vocab_size": 2,
        **config,
    }
    network = AlbertForMaskedLM(AlbertConfig(**settings))
    return network, settings | {"model_type": "albert"}, _same


def _xlnet(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import XLNetConfig, XLNetLMHeadModel

    special = ["<pad>", "<cls>", "<sep>", "<mask>", "<eod>", "<eop>"]
    settings = {
        "vocab_size": write_pieces(folder, special),
        "d_model": width,
        "n_layer": layers,
        "n_head": heads,
        "d_head": width // heads,
        "d_inner": 2 * width,
        "mem_len": None,
        "reuse_len": None,
        "bi_data": False,
        "clamp_len": -1,
        **config,
    }
    network = XLNetLMHeadModel(XLNetConfig(**settings))
    return network, settings | {"model_type": "xlnet"}, _same


def _esm(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import EsmConfig, EsmForMaskedLM

    (folder / "vocab.txt").write_text(ESM_TOKENS.replace(" ", "\n"))
    settings = {
        "vocab_size": 33,
        "mask_token_id": 32,
        "pad_token_id": 1,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 2 * width,
        "max_position_embeddings": 1026,
        "position_embedding_type": "rotary",
        "token_dropout": True,
        "emb_layer_norm_before": False,
        **config,
    }
    network = EsmForMaskedLM(EsmConfig(**settings))
    return network, settings | {"model_type": "esm"}, _same


def _esm1b(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    learnt = {"position_embedding_type": "absolute", "emb_layer_norm_before": True}
    return _esm(folder, layers, heads, width, learnt | config)


def _esmc(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import EsmcConfig, EsmcForMaskedLM, EsmcTokenizer

    EsmcTokenizer().save_pretrained(folder)
    settings = {
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        **config,
    }
    own = EsmcConfig(**settings)
    return EsmcForMaskedLM(own), own.to_dict(), _same


def _t5(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import T5Config, T5EncoderModel

    settings = {
        "vocab_size": 128,
        "d_model": width,
        "d_kv": 2 * width // heads,
        "d_ff": 2 * width,
        "num_layers": layers,
        "num_heads": heads,
        "is_encoder_decoder": True,
        **config,
    }
    write_pieces(folder, [], t5=True)
    return T5EncoderModel(T5Config(**settings)), settings | {"model_type": "t5"}, _same


def _prost_t5(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    added = {letter: 128 + place for place, letter in enumerate("acdefghiklmnpqrstvwy")}
    added |= {"<fold2AA>": 148, "<AA2fold>": 149}
    (folder / "added_tokens.json").write_text(json.dumps(added))
    return _t5(folder, layers, heads, width, {"vocab_size": 150} | config)


def _ankh(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from tokenizers import processors

    tokens = ["<pad>", "</s>", "<unk>", *"ALGVSREDTIPKFQNYMHWCXBOUZ"]
    tokenizer = letter_tokenizer(tokens, "<unk>")
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", None, [("</s>", 1)])
    gated = {"vocab_size": 144, "feed_forward_proj": "gated-gelu"}
    made = _t5(folder, layers, heads, width, gated | config)
    (folder / "spiece.model").unlink()
    tokenizer.save(str(folder / "tokenizer.json"))
    return made


def letter_tokenizer(tokens: Sequence[str], unknown: str | None = None) -> Any:
    """Make a fast tokenizer that reads one token a letter."""
    from tokenizers import Tokenizer, models

    ids = {token: number for number, token in enumerate(tokens)}
    return Tokenizer(models.BPE(ids, [], unk_token=unknown))


def _zymctrl(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    tokens = ["<pad>", "<start>", "<end>", "<sep>", "<|endoftext|>", " ", "<unk>", *".0123456789"]
    tokenizer = letter_tokenizer([*tokens, *RESIDUES], "<unk>")
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "vocab_size": len(tokens) + len(RESIDUES),
        "n_positions": 1024,
        "n_embd": width,
        "n_layer": layers,
        "n_head": heads,
        **config,
    }
    network = GPT2LMHeadModel(GPT2Config(**settings))
    # As old files hold them: a triangle in each layer, which no model reads any more.
    for layer in network.transformer.h:
        layer.attn.register_buffer("bias", torch.ones(1, 1, 4, 4))
        layer.attn.register_buffer("masked_bias", torch.tensor(-1e4))
    return network, settings | {"model_type": "gpt2"}, _same


def _protgpt2(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    train_joined(folder)
    settings = {
        "vocab_size": 256 + 1 + JOINS,
        "n_positions": 1024,
        "n_ctx": 1024,
        "n_embd": width,
        "n_layer": layers,
        "n_head": heads,
        "bos_token_id": 0,
        "eos_token_id": 0,
        **config,
    }
    return GPT2LMHeadModel(GPT2Config(**settings)), settings | {"model_type": "gpt2"}, _same


def train_joined(folder: Path, joins: int | None = None, *, parts: bool = False) -> Path:
    """Train byte pairs on real sequences, as ProtGPT2's tokenizer was; give the folder.

    Parameters
    ----------
    joins
        How many pairs are joined; with none each residue is a token.
    parts
        Whether they are written as vocab.json and merges.txt instead of tokenizer.json.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    from precompute.examples import list_examples, load_example

    lines = [
        chain.sequence[start : start + 60]
        for entry in list_examples()
        for chain in load_example(entry.name).chains
        for start in range(0, len(chain.sequence), 60)
    ]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=257 + (JOINS if joins is None else joins),
        show_progress=False,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=6,
    )
    tokenizer.train_from_iterator(lines, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    if parts:
        tokenizer.model.save(str(folder))
    else:
        tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _progen2(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    """Write ProGen2 as CodeGen, which ``model_type`` asks for; see `as_progen`."""
    from transformers import CodeGenConfig, CodeGenForCausalLM

    tokens = ["<|pad|>", "<|bos|>", "<|eos|>", "1", "2", *(chr(65 + place) for place in range(26))]
    letter_tokenizer(tokens).save(str(folder / "tokenizer.json"))
    settings = {
        "vocab_size": 32,
        "n_positions": 1024,
        "n_ctx": 1024,
        "n_embd": width,
        "n_layer": layers,
        "n_head": heads,
        "rotary_dim": width // heads // 2 // 2 * 2,
        **config,
    }
    network = CodeGenForCausalLM(CodeGenConfig(**settings))
    return network, settings | {"model_type": "codegen"}, _same


def as_progen(folder: Path) -> Path:
    """Write a checkpoint of CodeGen as ProGen2 is published: its keys, eight groups of rows."""

    def grouped(rows: torch.Tensor) -> torch.Tensor:
        height, width = rows.shape
        parts = [rows.view(4, 3, width // 4, width)[:, which] for which in range(3)]
        whole = [part.reshape(8, width // 8, width) for part in parts]
        return torch.cat(whole, dim=1).reshape(height, width)

    change_state(
        folder,
        lambda state: {n: grouped(t) if "qkv_proj" in n else t for n, t in state.items()},
    )
    config = json.loads((folder / "config.json").read_text())
    named = {"embed_dim": config.pop("n_embd"), "vocab_size_emb": config.pop("vocab_size")}
    config |= named | {"vocab_size_lm_head": named["vocab_size_emb"], "model_type": "progen"}
    del config["n_ctx"]
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _antiberty(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import BertConfig, BertForPreTraining

    settings = _bert_settings(layers, heads, width) | {
        "vocab_size": 25,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "position_embedding_type": "absolute",
        **config,
    }
    (folder / "vocab.txt").write_text(ANTIBERTY_TOKENS.replace(" ", "\n"))
    network = BertForPreTraining(BertConfig(**settings))
    return network, settings | {"model_type": "bert", "architectures": ["AntiBERTy"]}, _same


def _roberta(folder: Path, layers: int, heads: int, width: int, config: dict[str, Any]) -> Any:
    from transformers import RobertaConfig, RobertaForMaskedLM

    settings = _bert_settings(layers, heads, width) | {
        "vocab_size": 25,
        "max_position_embeddings": 514,
        "type_vocab_size": 1,
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
        **config,
    }
    (folder / "vocab.txt").write_text(ROBERTA_TOKENS.replace(" ", "\n"))
    return (
        RobertaForMaskedLM(RobertaConfig(**settings)),
        settings | {"model_type": "roberta"},
        _same,
    )


_MAKERS = {
    "prot_albert": _albert,
    "prot_xlnet": _xlnet,
    "tape_bert": _tape_bert,
    "antiberty": _antiberty,
    "roberta": _roberta,
    "esm1b": _esm1b,
    "zymctrl": _zymctrl,
    "protgpt2": _protgpt2,
    "prot_t5_xl": _t5,
    "prost_t5": _prost_t5,
}


def write_pieces(
    folder: Path, special: list[str], residues: str = RESIDUES, *, t5: bool = False
) -> int:
    """Train a SentencePiece model whose pieces are single residues; give its size.

    ``t5`` numbers the special pieces as T5 does.
    """
    import sentencepiece

    sentences = folder / "sentences.txt"
    sentences.write_text("\n".join(" ".join(residues) for _ in range(50)))
    sentencepiece.SentencePieceTrainer.train(
        input=str(sentences),
        model_prefix=str(folder / "spiece"),
        model_type="word",
        vocab_size=len(residues) + len(special) + 3,
        hard_vocab_limit=False,
        control_symbols=special,
        minloglevel=2,
        **({"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1} if t5 else {"pad_id": -1}),
    )
    for name in ("sentences.txt", "spiece.vocab"):
        (folder / name).unlink()
    return int(
        sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model")).vocab_size()
    )


def own_checkpoint(folder: Path, architecture: str) -> Checkpoint:
    """Take a folder as a user's own checkpoint of an architecture."""
    model = own_model("mine", architecture, str(folder))
    return Checkpoint(model, Weights(folder, "test"))


def change_state(folder: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> Path:
    """Change a checkpoint's tensors, in place or by giving others, as its pickle."""
    path = folder / "pytorch_model.bin"
    state = torch.load(path, weights_only=True)
    changed = change(state)
    torch.save(changed if isinstance(changed, dict) else state, path)
    return folder


def change_config(folder: Path, **changed: Any) -> Path:
    """Change keys of a checkpoint's configuration; None takes one away."""
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changed
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    return folder


def eager_attention(
    folder: Path, kind: str, tokens: Sequence[int], segments: Sequence[int] | None = None
) -> torch.Tensor:
    """Attention of transformers' own loading and forward pass, (layers, heads, tokens, tokens).

    Parameters
    ----------
    kind
        transformers' class, such as ``EsmModel``.
    segments
        Of each token, for a pair.
    """
    import transformers

    network = getattr(transformers, kind).from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32
    )
    with torch.no_grad():
        own = {} if segments is None else {"token_type_ids": torch.tensor([list(segments)])}
        found = network(torch.tensor([list(tokens)]), output_attentions=True, **own).attentions
    return torch.stack([layer[0] for layer in found])


def shown_attention(adapter: Adapter, sequence: str) -> torch.Tensor:
    """Attention that an adapter shows, of the same shape as that of `eager_attention`."""
    shown: list[torch.Tensor] = []
    adapter.attend([adapter.encode(sequence)], lambda _, p: shown.append(p[0].clone()))
    return torch.stack(shown)


def as_safetensors(folder: Path) -> Path:
    """Replace a checkpoint's pickle by the same tensors as safetensors."""
    state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    tensors = {name: tensor.clone() for name, tensor in state.items()}
    save_file(tensors, folder / "model.safetensors")
    (folder / "pytorch_model.bin").unlink()
    return folder
