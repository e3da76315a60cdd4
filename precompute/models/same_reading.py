"""Tell whether a checkpoint would be read as it was before, its weights being the same.

Weights are told apart by their SHA-256. What the configuration and the vocabulary make of
them is not in it: corrected, they make another model of the same weights.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from precompute.json_text import parse_json

if TYPE_CHECKING:
    from precompute.models.vocabulary import Vocabulary

CONFIGURATION = "configuration and vocabulary"
CHECKPOINT = "checkpoint"
"""Of `precompute.models.weights.remember_folder`; a test holds that both are one."""
"""Under which name the `runs` table notes the digest."""

_OF_NO_WEIGHT = frozenset(
    [
        "_name_or_path",
        "architectures",
        "auto_map",
        "transformers_version",
        "torch_dtype",
        "dtype",
        "id2label",
        "label2id",
        "num_labels",
        "problem_type",
        "finetuning_task",
        "use_cache",
        "output_attentions",
        "output_hidden_states",
        "return_dict",
        "attention_probs_dropout_prob",
        "hidden_dropout_prob",
        "classifier_dropout",
        "classifier_dropout_prob",
        "dropout",
        "summary_last_dropout",
        "initializer_range",
        "model_type",
        "tie_word_embeddings",
        "chunk_size_feed_forward",
        "_attn_implementation",
        "attn_implementation",
        "gradient_checkpointing",
        "torchscript",
    ]
)
"""Keys of a configuration that change no attention: names, types, training, heads."""


def reading_digest(config: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """Sixteen hexadecimal digits over what decides how weights and letters are read.

    Parameters
    ----------
    config
        Of `read_config`.
    vocabulary
        Of the same checkpoint.
    """
    kept = {key: config[key] for key in config if key not in _OF_NO_WEIGHT}
    kept = {key: value for key, value in kept.items() if value is not None}
    content = json.dumps([kept, vocabulary.padding, vocabulary.as_read()], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def differs(notes: str, other: str) -> bool:
    """Tell whether two runs' notes, as JSON, give different digests.

    Runs from before digests were noted have none, and are taken for the same.
    """
    one, two = _digest_in(notes), _digest_in(other)
    return one is not None and two is not None and one != two


def without_digest(notes: str) -> dict[str, Any]:
    """Give a run's notes, read from JSON, without the digest and where its checkpoint lies."""
    apart = (CONFIGURATION, CHECKPOINT)  # the same weights may lie elsewhere, or be touched
    return {name: note for name, note in _parse(notes).items() if name not in apart}


def _digest_in(notes: str) -> str | None:
    return _parse(notes).get(CONFIGURATION)


def _parse(notes: str) -> dict[str, Any]:
    try:
        parsed = parse_json(notes)
    except (TypeError, ValueError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
