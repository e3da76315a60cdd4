"""Train the demo model: a masked language model on a few families' alignments.

The model is BERT's (`transformers.BertForMaskedLM`). It sees a sequence in the columns
of its family's alignment, gaps as a token, and each column of each family has one learnt
position vector. To fill in a hidden residue better than the column's frequencies allow,
heads must look at the columns that vary together with it, and these are often in
contact (Bhattacharya et al., bioRxiv 2020.12.21.423882). No structure is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset, Sampler

from precompute.demo.families import (
    GAP_TOKEN,
    MASK,
    PADDING,
    TOKENS,
    UNKNOWN,
    Family,
    hold_out,
    offsets,
    weigh_sequences,
)
from precompute.errors import AtlasError
from precompute.json_text import parse_json

SAVE_STEPS = 1000
"""Steps after which an interrupted training can be taken up."""


@dataclass(frozen=True)
class Recipe:
    """Everything that training depends on beside the alignments.

    Attributes
    ----------
    layers, heads, width, inner
        Shape of the model; `inner` is the width of the feed-forward part.
    steps, batch
        Optimiser steps, and sequences a step; the sequences of a step are of one family.
    rate, warm_up
        Highest learning rate, and the share of steps in which it rises to there.
    decay
        Weight decay of everything but biases, norms and positions.
    spread, token_spread, position_spread
        Standard deviation of the first random weights, and of those of the vectors of
        tokens and positions. Positions are the larger ones, so that heads choose columns
        by their place first: with vectors of one size they come to look for letters that
        tell subfamilies apart, and not for contacts (two trials, 1,000 steps each).
    hidden_share
        Share of residues that are to be filled in.
    seed
        Of the first weights, the held-out sequences, the batches and the hiding.
    """

    layers: int = 1
    heads: int = 16
    width: int = 256
    inner: int = 256
    steps: int = 16_000
    batch: int = 32
    rate: float = 3e-3
    warm_up: float = 0.1
    decay: float = 0.1
    spread: float = 0.02
    token_spread: float = 0.2
    position_spread: float = 1.0
    hidden_share: float = 0.15
    seed: int = 123


class FamilyRows(Dataset[dict[str, list[int]]]):
    """All sequences of all families, one after another, as a collator takes them."""

    def __init__(self, families: Sequence[Family]) -> None:
        self.rows = [row for family in families for row in family.rows]
        start = offsets(families)
        # One list a family, shared by its sequences.
        self.places = [
            list(range(start[family.accession], start[family.accession] + family.columns))
            for family in families
        ]
        self.family = np.repeat(np.arange(len(families)), [len(family) for family in families])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        row = self.rows[index]
        return {
            "input_ids": row.astype(int).tolist(),
            "position_ids": self.places[self.family[index]],
            "attention_mask": [1] * len(row),
            # Gaps are seen and never to be filled in, so no head is spent on guessing them.
            "special_tokens_mask": np.isin(row, (GAP_TOKEN, UNKNOWN)).astype(int).tolist(),
        }


class FamilyBatches(Sampler[list[int]]):
    """Batches of one family each; families by their weight, sequences by theirs."""

    def __init__(
        self, family: NDArray[np.int64], weights: NDArray[np.float64], recipe: Recipe
    ) -> None:
        self.family, self.weights, self.recipe = family, weights, recipe

    def __len__(self) -> int:
        return self.recipe.steps

    def __iter__(self) -> Iterator[list[int]]:
        generator = np.random.default_rng(self.recipe.seed)
        members = [np.flatnonzero(self.family == f) for f in range(self.family.max() + 1)]
        mass = np.array([self.weights[one].sum() for one in members])
        share = [self.weights[one] / self.weights[one].sum() for one in members]
        for _ in range(self.recipe.steps):
            chosen = generator.choice(len(members), p=mass / mass.sum())
            yield generator.choice(
                members[chosen], self.recipe.batch, p=share[chosen], replace=True
            ).tolist()


def build_model(recipe: Recipe, columns: int) -> Any:
    """Build the untrained model for so many columns in all families together."""
    from transformers import BertConfig, BertForMaskedLM, set_seed

    set_seed(recipe.seed)
    model: Any = BertForMaskedLM(
        BertConfig(
            vocab_size=len(TOKENS),
            hidden_size=recipe.width,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            intermediate_size=recipe.inner,
            max_position_embeddings=columns,
            type_vocab_size=1,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            initializer_range=recipe.spread,
            pad_token_id=PADDING,
        )
    )
    with torch.no_grad():
        vectors = model.bert.embeddings
        vectors.word_embeddings.weight.normal_(0.0, recipe.token_spread)
        vectors.position_embeddings.weight.normal_(0.0, recipe.position_spread)
    return model


def _weight_groups(model: Any, recipe: Recipe) -> list[dict[str, Any]]:
    free = [
        weight
        for name, weight in model.named_parameters()
        if weight.ndim < 2 or "position_embeddings" in name
    ]
    chosen = {id(weight) for weight in free}
    rest = [weight for weight in model.parameters() if id(weight) not in chosen]
    return [
        {"params": rest, "weight_decay": recipe.decay},
        {"params": free, "weight_decay": 0.0},
    ]


def train(families: Sequence[Family], recipe: Recipe, out: Path, *, resume: bool = True) -> Any:
    """Train the model, or go on where an interrupted training stopped.

    Parameters
    ----------
    families
        The alignments; positions follow their order.
    recipe
        Shape, length and seed of the training.
    out
        Folder for the checkpoints of the training and its log ``log.json``.

    Returns
    -------
    transformers.BertForMaskedLM
        The trained model.

    Raises
    ------
    AtlasError
        When `out` holds an interrupted training of another recipe or other families.
    """
    from tokenizers import Tokenizer, models
    from transformers import (
        DataCollatorForLanguageModeling,
        PreTrainedTokenizerFast,
        Trainer,
        TrainingArguments,
    )
    from transformers.trainer_utils import get_last_checkpoint

    out.mkdir(parents=True, exist_ok=True)
    _check_same(out / "recipe.json", families, recipe)
    kept, held = [], []
    for family in families:
        away = hold_out(family, recipe.seed)
        kept.append(Family(family.accession, (), family.rows[~away]))
        held.append(Family(family.accession, (), family.rows[away]))
    weights = np.concatenate([weigh_sequences(family.rows) for family in kept])
    rows = FamilyRows(kept)
    batches = FamilyBatches(rows.family, weights, recipe)
    tokenizer: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer(
            models.WordLevel({token: place for place, token in enumerate(TOKENS)}, unk_token="X")
        ),
        pad_token=TOKENS[PADDING],
        mask_token=TOKENS[MASK],
        unk_token="X",
    )
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=recipe.hidden_share)

    steps = out / "steps"
    last = get_last_checkpoint(str(steps)) if resume and steps.is_dir() else None  # type: ignore[no-untyped-call]

    class FamilyTrainer(Trainer):
        """Draws its batches as `FamilyBatches` says, and the same ones after a break.

        Trainer restores the random state only after the first batch of a resumed
        training: other residues would be hidden than without the break.
        """

        restored = last is None

        def get_train_dataloader(self) -> DataLoader[Any]:
            return DataLoader(rows, batch_sampler=batches, collate_fn=collator)

        def get_batch_samples(self, *arguments: Any, **options: Any) -> Any:
            if not self.restored:
                super()._load_rng_state(last)
                self.restored = True
            return super().get_batch_samples(*arguments, **options)

        def _load_rng_state(self, checkpoint: str | None) -> None:
            del checkpoint  # done above, before the first batch is drawn

    model = build_model(recipe, sum(family.columns for family in families))
    optimizer = torch.optim.AdamW(_weight_groups(model, recipe), lr=recipe.rate)
    arguments = TrainingArguments(
        output_dir=str(out / "steps"),
        max_steps=recipe.steps,
        learning_rate=recipe.rate,
        lr_scheduler_type="cosine",
        warmup_steps=int(recipe.warm_up * recipe.steps),
        per_device_train_batch_size=recipe.batch,
        logging_steps=100,
        save_steps=SAVE_STEPS,
        save_total_limit=2,
        seed=recipe.seed,
        report_to=[],
        use_cpu=not torch.cuda.is_available(),
        remove_unused_columns=False,
        disable_tqdm=True,
    )
    trainer = FamilyTrainer(
        model=model, args=arguments, data_collator=collator, optimizers=(optimizer, None)
    )
    trainer.train(resume_from_checkpoint=last)
    history = trainer.state.log_history
    (out / "log.json").write_text(json.dumps(history, indent=1))
    trained = {
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "steps": trainer.state.global_step,
        "seconds": next(
            (row["train_runtime"] for row in history[::-1] if "train_runtime" in row), 0
        ),
        "final_loss": next((row["loss"] for row in history[::-1] if "loss" in row), None),
    }
    (out / "trained.json").write_text(json.dumps(trained, indent=1))
    return model


def _check_same(path: Path, families: Sequence[Family], recipe: Recipe) -> None:
    """Keep what a training is of, and refuse to go on with another one."""
    wanted = {
        "recipe": asdict(recipe),
        "families": {family.accession: list(family.rows.shape) for family in families},
    }
    if path.is_file():
        try:
            there = parse_json(path.read_text())
        except ValueError as error:
            raise AtlasError(f"{path} is damaged; remove its folder to begin anew.") from error
        if there != wanted:
            raise AtlasError(
                f"{path.parent} holds a training with another recipe or other families; name "
                "another folder, or remove it to begin anew."
            )
        return
    path.write_text(json.dumps(wanted, indent=1))
