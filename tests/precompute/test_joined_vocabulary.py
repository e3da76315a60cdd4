"""How sequences become ProtGPT2's tokens, how long they may be, and what is no such vocabulary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.examples import load_example
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.joined_vocabulary import JoinedVocabulary
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.chains import records_of, write_lmdb
from tests.checkpoints import (
    change_config,
    make_checkpoint,
    own_checkpoint,
    train_joined,
)
from tests.joined import END, tokens_of

SHAPE = {"layers": 2, "heads": 4, "width": 32, "sharpness": 15}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("protgpt2"), "protgpt2", **SHAPE)


def loaded(folder: Path) -> Adapter:
    return Checkpoint(MODELS["protgpt2"], Weights(folder, "test")).load()


@pytest.mark.parametrize(
    "sequence",
    [
        load_example("1MVO").longest.sequence,
        "ACDEFGHIKLMNPQRSTVWYXUZOB" * 5,
        "M",
        "A" * 60,
        "A" * 61,
        "LEXXLE",
    ],
)
def test_sequences_are_read_as_the_model_card_writes_them(folder: Path, sequence: str) -> None:
    ids, residues = tokens_of(folder, sequence)
    encoding = JoinedVocabulary(folder).encode(sequence)
    assert encoding.pieces is not None
    first = np.unique(encoding.pieces, return_index=True)[1]
    assert encoding.tokens[first].tolist() == ids
    own: dict[int, list[int]] = {token: [] for token in range(len(ids))}
    for token, residue in zip(encoding.pieces.tolist(), encoding.residues.tolist(), strict=True):
        own[token] += [residue] if residue >= 0 else []
    assert list(own.values()) == residues
    assert (encoding.tokens == np.array(ids)[encoding.pieces]).all()
    assert len(encoding) == len(sequence) + 3 + -(-len(sequence) // 60)


@settings(max_examples=40, deadline=None)
@given(sequence=st.text("ACDEFGHIKLMNPQRSTVWYXUZOB", min_size=1, max_size=190))
def test_any_sequence_is_read_as_transformers_reads_it(folder: Path, sequence: str) -> None:
    ids, residues = tokens_of(folder, sequence)
    vocabulary = JoinedVocabulary(folder)
    encoding = vocabulary.encode(sequence)
    assert encoding.pieces is not None
    assert encoding.tokens.tolist() == [ids[token] for token in encoding.pieces]
    own = [token for token, sides in enumerate(residues) for _ in sides]
    assert vocabulary.token_of(sequence).tolist() == own


def test_no_pair_of_proteins_is_read(folder: Path) -> None:
    with pytest.raises(AtlasError, match="no two proteins as a pair"):
        loaded(folder).encode_pair("ACD", "EFG")


def test_tokens_have_several_residues(folder: Path) -> None:
    """So that what follows is tested on such."""
    sequence = load_example("1MVO").longest.sequence
    sizes = [len(own) for own in tokens_of(folder, sequence)[1]]
    assert max(sizes) >= 3
    assert sizes.count(1) < len(sizes) / 2


def test_both_forms_of_the_tokenizer_are_read_alike(tmp_path: Path) -> None:
    sequence = load_example("1MVO").longest.sequence
    whole = JoinedVocabulary(train_joined(tmp_path / "whole")).encode(sequence)
    parts = JoinedVocabulary(train_joined(tmp_path / "parts", parts=True)).encode(sequence)
    for name in ("tokens", "residues", "pieces"):
        assert (getattr(whole, name) == getattr(parts, name)).all()


def test_the_longest_input_always_fits(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No residues are joined in the worst of sequences, and none is read beyond the positions."""
    small = make_checkpoint(tmp_path / "small", "protgpt2", **SHAPE, n_positions=200)
    adapter = loaded(small)
    longest = 200 - adapter.special_tokens
    assert longest == 193  # four line breaks more, one before, and two ends
    worst = "".join(np.random.default_rng(0).choice(list("XUZOB"), longest))
    alone = train_joined(tmp_path / "alone", 0)
    assert len(JoinedVocabulary(alone).encode(worst)) == 200
    assert len(JoinedVocabulary(alone).encode(worst + "A")) > 200
    data = write_lmdb(tmp_path / "data.lmdb", records_of("proteinnet")[:1])
    arguments = ["run", "--model", "protgpt2", "--weights", str(small), "--quiet"]
    arguments += ["--dataset", "proteinnet", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--max-length", "196"]) == 1
    assert "give --max-length 195 or less" in capsys.readouterr().err
    assert main([*arguments, "--max-length", "195"]) == 0
    assert loaded(folder).special_tokens == 20


@pytest.mark.parametrize(
    ("model", "vocabulary"),
    [(["protgpt2"], True), (["protgpt2"], False), (["mine", "--architecture", "gpt2"], True)],
)
def test_the_longest_input_is_said_before_data_are_read(
    model: list[str], vocabulary: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also of a configuration that alone was fetched, where the model is the registry's."""
    small = make_checkpoint(tmp_path / "small", "protgpt2", **SHAPE, n_positions=200)
    if not vocabulary:
        (small / "tokenizer.json").unlink()
    arguments = ["run", "--model", *model, "--weights", str(small), "--quiet"]
    arguments += ["--dataset", "proteinnet", "--data", str(tmp_path / "nowhere")]
    arguments += ["--out", str(tmp_path / "out")]
    for asked in (196, 200):
        assert main([*arguments, "--max-length", str(asked)]) == 1
        assert "reads at most 195 tokens; give --max-length 195" in capsys.readouterr().err
    assert main([*arguments, "--max-length", "195"]) == 1
    assert "nothing at" in capsys.readouterr().err, "the data come next"


def _without_breaks(folder: Path) -> None:
    from tokenizers import Tokenizer, models

    letters = [END, *"ACDEFGHIKLMNPQRSTVWYXUZOB", "AC"]
    model = models.BPE({token: n for n, token in enumerate(letters)}, [("A", "C")])
    tokenizer = Tokenizer(model)
    tokenizer.add_special_tokens([END])
    tokenizer.save(str(folder / "tokenizer.json"))


def _without_u(folder: Path) -> None:
    from tokenizers import Tokenizer, normalizers

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.normalizer = normalizers.Replace("U", "")
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_without_breaks, "has no token for a line break"),
        (_without_u, "is not a vocabulary of residues: it lacks U"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "readable tokenizer"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "neither"),
        (lambda folder: change_config(folder, vocab_size=5000), "belongs to another model"),
    ],
)
def test_what_is_no_such_vocabulary_is_refused(spoil: Any, sentence: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, "protgpt2", **SHAPE)
    spoil(folder)
    with pytest.raises(AtlasError, match=sentence):
        own_checkpoint(folder, "gpt2").load()


def test_training_s_joining_at_random_is_left_out(tmp_path: Path) -> None:
    folder = train_joined(tmp_path)
    sequence = load_example("1MVO").longest.sequence
    expected = JoinedVocabulary(folder).encode(sequence).tokens
    content = json.loads((folder / "tokenizer.json").read_text())
    content["model"]["dropout"] = 0.5
    content["truncation"] = {
        "direction": "Right",
        "max_length": 9,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    (folder / "tokenizer.json").write_text(json.dumps(content))
    assert (JoinedVocabulary(folder).encode(sequence).tokens == expected).all()


def test_other_tokens_are_another_reading(tmp_path: Path) -> None:
    """A run is told apart whose residues were joined otherwise."""
    digests = []
    for joins in (400, 500, 600):
        folder = make_checkpoint(tmp_path / str(joins), "protgpt2", **SHAPE)
        train_joined(folder, joins)
        digests.append(own_checkpoint(folder, "gpt2").reading_digest())
    assert len(set(digests)) == 3
