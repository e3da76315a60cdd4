"""Tokens of several residues the slow way: transformers' own tokens, and loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.checkpoints import eager_attention

END = "<|endoftext|>"


def tokens_of(folder: Path, sequence: str) -> tuple[list[int], list[list[int]]]:
    """Token ids of the model card's text by transformers, and the residues of each token."""
    from transformers import GPT2TokenizerFast

    tokenizer = GPT2TokenizerFast.from_pretrained(folder)
    lines = [sequence[start : start + 60] for start in range(0, len(sequence), 60)]
    text = END + "\n" + "\n".join(lines) + "\n" + END
    residues, place = [], 0
    names = tokenizer.convert_ids_to_tokens(ids := tokenizer(text)["input_ids"])
    for name in names:
        own = 0 if name in (END, "Ċ") else len(name)
        residues.append(list(range(place, place + own)))
        place += own
    assert place == len(sequence)
    return ids, residues


def spread_slowly(attention: np.ndarray, residues: list[list[int]], size: int) -> np.ndarray:
    """Give each residue its share, in loops; shape (layers, heads, residues, residues)."""
    found = np.zeros((*attention.shape[:2], size, size), dtype=np.float32)
    for token, sources in enumerate(residues):
        for i in sources:
            for other, targets in enumerate(residues):
                for j in targets:
                    share = attention[:, :, token, other] / np.float32(len(targets))
                    found[:, :, i, j] = share
    return found


def slow_attention(folder: Path, sequence: str) -> tuple[np.ndarray, list[list[int]]]:
    """Attention between residues by transformers and loops, and the residues of each token."""
    ids, residues = tokens_of(folder, sequence)
    attention = eager_attention(folder, "GPT2Model", ids).numpy()
    return spread_slowly(attention, residues, len(sequence)), residues
