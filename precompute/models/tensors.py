"""Which of a checkpoint's tensors are the encoder's, and which checkpoints are refused.

A state dictionary says nothing of how its tensors are meant. An encoder is filled only
where every tensor of it is there once, in numbers that are its weights, and where nothing
else stands among them: a scale, a LoRA or a further layer that is left out would make the
attention another than the model's, without a word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precompute.errors import AtlasError
from precompute.models.configuration import MERGE

if TYPE_CHECKING:
    import torch

    State = Mapping[str, torch.Tensor]

_HEADS = re.compile(
    r"head|cls|classif|pool|predict|decod|logit|score|output|mlm|loss|regress|proj|dropout"
    r"|seq_relationship|^(fc|linear|dense|mlp|ffn|fnn|out|crf|lstm|gru|rnn|cnn|conv|bn|criterion)\d*$"
    r"|^(linear|sequential|batch|bce|cross_entropy|temperature)",
    re.IGNORECASE,
)
"""Beginnings of names beside a bare encoder that stand for a head, as far as heads are known."""

_POOLERS = ("pooler", "contact_head")
"""Parts of transformers' encoders that attention does not depend on."""

_CONTACTS = "contact_head.regression.weight"

_LORA = re.compile(r"(^|\.)lora_|\.base_layer\.|\.modules_to_save\.|\.original_module\.|(^|\.)ia3_")
_ADAPTER = re.compile(
    r"(^|\.)(\w+_)?(adapters?|loras?|deltas?|lokr|loha|hada)(_\w+)?\.", re.IGNORECASE
)
"""Beginnings of what changes an encoder from outside, whatever program wrote it."""
_PROMPT = re.compile(
    r"(^|\.)((soft_|deep_|\w+_)?prompts?(_\w+)?|soft_embeddings?"
    r"|prefix_(encoder|tunings?|tokens?|mlp|embeddings?))(\.|$)",
    re.IGNORECASE,
)
_QUANTISED = re.compile(
    r"\.(SCB|CB|weight_format|qweight|qzeros|scales|g_idx|absmax|quant_map|quant_state"
    r"|(weight|input|output)_(scale|zero_point|packed|shape)\w*|_packed_params|_?amax)(\.|$)"
    r"|nested_(absmax|quant)|quantizer"
)
_WRAPPERS = re.compile(r"(^|\.)(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)(?=\.)")
"""What torch.compile, FSDP and checkpointing put into names, anywhere."""
_FREQUENCIES = re.compile(r"encoder\.layer\.(\d+|\*)\.attention\.self\.rotary_embeddings\.inv_freq")
"""In each layer, as ESM-2 is published; under a star, as transformers 5 saves what it read so."""
FREQUENCIES = "rotary_embeddings.inv_freq"
"""Where transformers keeps the one set of ESM's rotary frequencies."""
_UNUSED_POSITIONS = "embeddings.position_embeddings.weight"
"""A table that ESM-2's files carry beside the rotary frequencies, and that nothing reads."""


def encoder_tensors(state: State, module: torch.nn.Module, folder: Path) -> dict[str, torch.Tensor]:
    """Take the tensors of an encoder out of a checkpoint.

    Parameters
    ----------
    state
        Everything that the checkpoint holds, by its names.
    module
        The encoder to be filled. Prefixes are found by its names, whatever they are.
    folder
        Where the tensors come from, for messages.

    Returns
    -------
    dict
        Every parameter of the module, and those persistent buffers that the checkpoint
        has, by the module's names, in float32.

    Raises
    ------
    AtlasError
        When a tensor is missing, of another shape or kind, there twice, or not known.
    """
    _refuse_adapters(state, folder)
    parameters = dict(module.named_parameters())
    state = _todays_names(state, folder)
    prefix = _find_prefix(state, parameters, folder)
    inside = {
        name.removeprefix(prefix): tensor
        for name, tensor in state.items()
        if name.startswith(prefix)
    }
    places = module.state_dict()
    if FREQUENCIES in places:
        inside = _one_set_of_frequencies(inside, folder)
    wanted = {name: inside[name] for name in places if name in inside}
    _refuse_quantised(inside, wanted, folder)
    _refuse_unknown(inside, prefix, module, folder)
    _refuse_other_heads(inside, module, folder)
    _refuse_beside((name for name in state if not name.startswith(prefix)), folder)
    missing = [name for name in parameters if name not in inside]
    if missing:
        raise AtlasError(
            f"The checkpoint {folder} lacks {len(missing)} of {len(parameters)} tensors, such as "
            f"{missing[0]}: it is incomplete or of another architecture."
        )
    return {name: _checked(name, tensor, places[name], folder) for name, tensor in wanted.items()}


def _checked(name: str, tensor: torch.Tensor, wanted: torch.Tensor, folder: Path) -> torch.Tensor:
    import torch

    if tensor.shape != wanted.shape:
        raise AtlasError(
            f"The checkpoint {folder}: {name} has shape {tuple(tensor.shape)}, and its "
            f"config.json asks for {tuple(wanted.shape)}."
        )
    if tensor.layout != torch.strided or tensor.is_meta:
        kind = "without numbers" if tensor.is_meta else "sparse"
        raise AtlasError(
            f"The checkpoint {folder}: {name} is {kind}; save its weights as plain tensors."
        )
    numbers = tensor.float()
    if not bool(numbers.isfinite().all()):
        raise AtlasError(
            f"The checkpoint {folder}: {name} holds NaN or infinite numbers; fetch it anew, or "
            "save it before training went wrong."
        )
    return numbers


def _refuse_adapters(names: Iterable[str], folder: Path) -> None:
    """Refuse what PEFT and AdapterHub put beside weights, wherever it stands in the file."""
    for name in names:
        if _LORA.search(name):
            raise AtlasError(
                f"The checkpoint {folder} holds a LoRA ({name}) beside the weights that it "
                f"changes: {MERGE}."
            )
        if _PROMPT.search(name):
            raise AtlasError(
                f"The checkpoint {folder} holds a trained prompt or prefix ({name}), which changes "
                "what the model reads and cannot be measured; give a checkpoint without it."
            )


def _refuse_beside(names: Iterable[str], folder: Path) -> None:
    """Refuse what changes an encoder from outside; heads beside it are of any name."""
    for name in names:
        if _ADAPTER.search(name):
            raise AtlasError(
                f"The checkpoint {folder} holds an adapter ({name}) beside the weights, without "
                "which the attention would be another model's; give the checkpoint that it is "
                "merged into, or one without it."
            )


def _todays_names(state: State, folder: Path) -> dict[str, torch.Tensor]:
    """Rename TAPE's and old BERTs' ``gamma`` and ``beta``, and take wrappers' names out."""
    renamed: dict[str, torch.Tensor] = {}
    for name, tensor in state.items():
        today = _WRAPPERS.sub("", name).removeprefix(".")
        today = re.sub(r"\.gamma$", ".weight", re.sub(r"\.beta$", ".bias", today))
        if today in renamed:
            raise AtlasError(
                f"The checkpoint {folder} holds {today} twice, once as {name}: leave the one that "
                "is meant."
            )
        renamed[today] = tensor
    return renamed


def _find_prefix(state: State, parameters: Iterable[str], folder: Path) -> str:
    """Find what stands before the encoder's names: ``bert.`` or ``module.esm.``, say.

    Raises
    ------
    AtlasError
        When two sets of weights could be meant.
    """
    wanted = set(parameters)
    found: dict[str, set[str]] = defaultdict(set)
    for name in state:
        parts = name.split(".")
        for place in range(len(parts)):
            tail = ".".join(parts[place:])
            if tail in wanted:
                found[name.removesuffix(tail)].add(tail)
    if not found:
        return ""
    prefix = max(found, key=lambda one: (len(found[one]), -len(one)))
    if "decoder" in prefix.split("."):
        raise AtlasError(
            f"The checkpoint {folder} holds a decoder ({prefix}…) and no encoder of this "
            "architecture; only encoders can be measured."
        )
    for other, names in found.items():
        # Half an encoder, or its embeddings, is no head.
        whole = 2 * len(names) >= len(wanted) or any("word_embedding" in name for name in names)
        if other != prefix and whole and not _equal(state, prefix, other, names):
            raise AtlasError(
                f"The checkpoint {folder} holds two encoders, {prefix or 'one without prefix'} "
                f"and {other or 'one without prefix'}: save the one that is meant on its own."
            )
    return prefix


def _equal(state: State, one: str, other: str, names: Iterable[str]) -> bool:
    import torch

    return all(
        one + name in state and torch.equal(state[one + name], state[other + name])
        for name in names
    )


def _one_set_of_frequencies(inside: State, folder: Path) -> dict[str, torch.Tensor]:
    """Bring ESM's rotary frequencies from each layer, where old files hold them, to one place.

    The files' own numbers are the model's: it was trained with frequencies that had been
    rounded to float16.
    """
    import torch

    copies = {name: tensor for name, tensor in inside.items() if _FREQUENCIES.fullmatch(name)}
    kept = {name: tensor for name, tensor in inside.items() if name not in copies}
    for name, copy in copies.items():
        if not torch.equal(copy.float(), kept.setdefault(FREQUENCIES, copy).float()):
            raise AtlasError(
                f"The checkpoint {folder} holds rotary frequencies that differ between layers "
                f"({name}), and this architecture has one set."
            )
    return kept


def _refuse_quantised(inside: State, wanted: State, folder: Path) -> None:
    for name, tensor in wanted.items():
        if not tensor.is_floating_point() or tensor.element_size() < 2:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise _quantised(folder, f"{name} is {kind}")
    for name in inside:
        if name not in wanted and name.split(".")[0] not in _POOLERS and _QUANTISED.search(name):
            raise _quantised(folder, f"it holds {name}")


def _quantised(folder: Path, why: str) -> AtlasError:
    return AtlasError(
        f"The checkpoint {folder} is quantised ({why}), and rounded weights are not the model's: "
        "give the checkpoint that it was made from, or dequantise it and save it in float32."
    )


def _refuse_unknown(inside: State, prefix: str, module: torch.nn.Module, folder: Path) -> None:
    """Refuse a tensor among the encoder's own that the architecture does not know."""
    known = set(module.state_dict()) | {name for name, _ in module.named_buffers()}
    own = {name.split(".")[0] for name in known}
    if FREQUENCIES in known:
        known.add(_UNUSED_POSITIONS)
    # Below the encoder's own name everything is its own; elsewhere heads stand beside it.
    named = f".{prefix}".endswith(f".{module.base_model_prefix}.")
    for name in inside:
        first = name.split(".")[0]
        head = first in _POOLERS or (not named and first not in own and _HEADS.search(first))
        if name in known or head:
            continue
        if _FREQUENCIES.fullmatch(name) or name == FREQUENCIES:
            raise AtlasError(
                f"The checkpoint {folder} holds rotary frequencies ({name}), and its config.json "
                "does not ask for rotary positions; take the one of the same checkpoint."
            )
        if "distance_embedding" in name:
            raise AtlasError(
                f"The checkpoint {folder} has relative positions ({name}), which transformers no "
                "longer computes; it cannot be measured."
            )
        where = "inside" if named or first in own else "beside"
        raise AtlasError(
            f"The checkpoint {folder} holds {name} {where} the encoder, which this architecture "
            "does not know: without it the attention would be another model's."
        )


def _refuse_other_heads(inside: State, module: torch.nn.Module, folder: Path) -> None:
    """Refuse a number of heads that is not the one of ESM's contact head in the same file.

    Queries and keys are of one shape for any number of heads that divides the width: of all
    tensors, this one alone tells how many there are.
    """
    found = inside.get(_CONTACTS)
    if found is None:
        return
    config: Any = module.config
    heads = int(config.num_hidden_layers) * int(config.num_attention_heads)
    if tuple(found.shape) != (1, heads):
        raise AtlasError(
            f"The checkpoint {folder}: its contact head reads {found.shape[-1]} heads, and its "
            f"config.json tells of {heads} (num_hidden_layers × num_attention_heads); take the "
            "config.json of the same checkpoint."
        )
