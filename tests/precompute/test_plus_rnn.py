"""PLUS-RNN against the formulas of an LSTM and of its soft alignment, in NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.models import MODELS, WITHOUT_ATTENTION, find_any_model, find_model
from precompute.models.configuration import check_config, read_config
from precompute.models.plus_rnn import PlusRnnAdapter, PlusRnnNetwork
from precompute.tables import PAIR_ATTENTION, PAIR_RUNS, PAIR_SCORES, known_runs, read_table
from tests.plus_checkpoints import RNN_FILE, checkpoint, random_rnn, write_published, write_rnn
from tests.precompute.strange import example

FIRST, SECOND = "ACDEFGHIKLMNPOU", "WYVTSRQXB"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rnn(tmp_path_factory.mktemp("rnn") / "weights")


def load(folder: Path) -> PlusRnnAdapter:
    adapter = checkpoint(folder, "plus_rnn_large").load()
    assert isinstance(adapter, PlusRnnAdapter)
    adapter.to(torch.device("cpu"), torch.float64)
    return adapter


def naive(sequence: str) -> list[np.ndarray]:
    """What leaves each layer, residue by residue, start and stop left out."""
    w = {name: own.double().numpy() for name, own in random_rnn().items()}

    def sigmoid(x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-x))

    alphabet = "ARNDCQEGHILKMFPSTWYVX"
    synonyms = {"O": "K", "U": "C", "B": "X", "Z": "X"}
    letters = [alphabet.index(synonyms.get(letter, letter)) + 1 for letter in sequence]
    x = [w["embed.weight"][token] for token in [21, *letters, 21]]
    layers = []
    for layer in range(3):
        directions = []
        for end in ("", "_reverse"):
            hidden, cell, states = np.zeros(12), np.zeros(12), []
            for own in x[::-1] if end else x:
                gates = w[f"rnn.weight_ih_l{layer}{end}"] @ own + w[f"rnn.bias_ih_l{layer}{end}"]
                gates = gates + w[f"rnn.weight_hh_l{layer}{end}"] @ hidden
                gates = gates + w[f"rnn.bias_hh_l{layer}{end}"]
                enter, forget, new, leave = np.split(gates, 4)
                cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(new)
                hidden = sigmoid(leave) * np.tanh(cell)
                states.append(hidden)
            directions.append(states[::-1] if end else states)
        x = [np.concatenate(both) for both in zip(*directions, strict=True)]
        layers.append(np.stack(x[1:-1]))
    return layers


def naive_alignment(first: str, second: str) -> tuple[np.ndarray, float]:
    w = {name: own.double().numpy() for name, own in random_rnn().items()}
    one, other = (naive(own)[-1] @ w["fc.weight"].T + w["fc.bias"] for own in (first, second))
    s = np.array([[-np.abs(z - y).sum() for y in other] for z in one])
    a = np.array([np.exp(row) / np.exp(row).sum() for row in s])
    b = np.array([np.exp(column) / np.exp(column).sum() for column in s.T]).T
    c = a + b - a * b
    score = (c * s).sum() / c.sum()
    return c, float(1 / (1 + np.exp(-(1.2 * score + 9.0))))


def vectors(adapter: PlusRnnAdapter, *sequences: str) -> list[np.ndarray]:
    found: list[np.ndarray] = []
    encodings = [adapter.encode(sequence) for sequence in sequences]
    adapter.represent(encodings, lambda _, own: found.append(own.numpy().copy()))
    return found


def test_vectors_of_every_layer_are_those_of_the_formulas(folder: Path) -> None:
    adapter = load(folder)
    for own, expected in zip(vectors(adapter, FIRST), naive(FIRST), strict=True):
        np.testing.assert_allclose(own[0, 1:-1], expected, atol=1e-9)
    assert (adapter.layers, adapter.heads, adapter.width) == (3, 0, 24)
    encoding = adapter.encode(FIRST)
    assert encoding.residues.tolist() == [-1, *range(len(FIRST)), -1]
    assert encoding.tokens[[0, -1]].tolist() == [21, 21]
    assert encoding.tokens[-3:-1].tolist() == [12, 5], "O is read as K and U as C"


def test_a_batch_is_as_each_alone(folder: Path) -> None:
    adapter = load(folder)
    together = vectors(adapter, FIRST, SECOND)
    for layer, own in enumerate(vectors(adapter, SECOND)):
        np.testing.assert_array_equal(together[layer][1, : len(SECOND) + 2], own[0])


def test_alignment_and_score_are_those_of_the_formulas(folder: Path) -> None:
    adapter = load(folder)
    answer = adapter.attend_pairs([adapter.encode_pair(FIRST, SECOND)], None)
    alignment, score = naive_alignment(FIRST, SECOND)
    assert answer.alignments is not None
    assert answer.same_family is not None
    assert answer.alignments[0].shape == (len(FIRST), len(SECOND))
    np.testing.assert_allclose(answer.alignments[0], alignment, atol=1e-5)
    assert answer.same_family[0] == pytest.approx(score, abs=1e-5)
    assert 0.001 < score < 0.999, "the score is at its end: the test proves little"


def test_other_gates_would_give_other_numbers(folder: Path) -> None:
    """PyTorch's gates are input, forget, cell, output: in another order the weights still fit."""
    adapter = load(folder)
    with torch.no_grad():
        for layer in adapter.network.rnn:
            for own in layer.parameters():
                own.copy_(torch.cat([own.chunk(4)[i] for i in (1, 0, 2, 3)]))
    own = vectors(adapter, FIRST)[-1][0, 1:-1]
    assert np.abs(own - naive(FIRST)[-1]).max() > 0.01


@pytest.mark.parametrize("kind", ["module.", "safetensors"])
def test_every_layout_is_the_same_model(kind: str, folder: Path, tmp_path: Path) -> None:
    if kind == "safetensors":
        save_file(random_rnn(), tmp_path / "model.safetensors")
    else:
        write_rnn(tmp_path, prefix=kind)
    for own, other in zip(
        vectors(load(folder), FIRST), vectors(load(tmp_path), FIRST), strict=True
    ):
        np.testing.assert_array_equal(own, other)


def test_without_what_compares_there_is_no_score(folder: Path, tmp_path: Path) -> None:
    state = {name: own for name, own in random_rnn().items() if not name.startswith("ordinal")}
    adapter = load(write_rnn(tmp_path, state=state))
    answer = adapter.attend_pairs([adapter.encode_pair(FIRST, SECOND)], None)
    assert answer.same_family is None
    assert answer.alignments is not None


@pytest.mark.parametrize(("name", "hidden", "size"), [("base", 512, 14.9), ("large", 1024, 59.2)])
def test_the_registry_has_the_real_shapes(name: str, hidden: int, size: float) -> None:
    model = WITHOUT_ATTENTION[f"plus_rnn_{name}"]
    assert (model.layers, model.heads, model.width) == (3, 0, 2 * hidden)
    with torch.device("meta"):
        network = PlusRnnNetwork(3, hidden, 100)
    total = sum(own.numel() for own in network.parameters()) + 21 * (2 * hidden + 1)
    assert round(total / 1e6, 1) == size


def test_attention_is_refused_in_a_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not WITHOUT_ATTENTION.keys() & MODELS.keys()
    assert find_any_model("plus_rnn_base").label == "PLUS-RNN base"
    with pytest.raises(AtlasError, match=r"PLUS-RNN base is a recurrent network .* no attention"):
        find_model("plus_rnn_base")
    adapter = load(folder)
    with pytest.raises(AtlasError, match="no attention that could be shown"):
        adapter.attend([adapter.encode(FIRST)], lambda *_: None)
    arguments = ["run", "--dataset", "structures", "--data", str(tmp_path), "--out", str(tmp_path)]
    arguments += ["--weights", str(folder)]
    assert main([*arguments, "--model", "plus_rnn_large"]) == 1
    assert main([*arguments, "--model", "mine", "--architecture", "plus_rnn"]) == 1
    first, second = capsys.readouterr().err.strip().splitlines()
    assert "PLUS-RNN large is a recurrent network and has no attention to measure" in first
    assert "plus_rnn has no attention to measure" in second


def test_it_is_refused_where_another_is_asked_for(folder: Path) -> None:
    said = "holds a checkpoint of plus_rnn, and one of"
    with pytest.raises(AtlasError, match=f"{said} plus_tfm was asked for"):
        checkpoint(folder, "plus_tfm").load()
    with pytest.raises(AtlasError, match=f"{said} bert was asked for"):
        check_config(read_config(folder), "bert", folder)


def test_another_is_refused_where_it_is_asked_for(tmp_path: Path) -> None:
    write_published(tmp_path)
    with pytest.raises(AtlasError, match="holds a checkpoint of plus_tfm, and one of plus_rnn"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("rnn.bias_hh_l1_reverse"), "lacks 1 of"),
        (lambda s: s.pop("fc.weight"), "lacks tensors of PLUS-RNN"),
        (lambda s: s.update({"embed.weight": torch.zeros(30, 21)}), "knows 30 tokens"),
        (lambda s: s.update({"ordinal_weight": torch.ones(1, 4)}), "has shape"),
    ],
)
def test_what_is_not_whole_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    state = random_rnn()
    change(state)
    with pytest.raises(AtlasError, match=said):
        load(write_rnn(tmp_path, state=state))


def test_a_run_over_pairs_has_scores_and_no_heads(folder: Path, tmp_path: Path) -> None:
    from tests.families import make_family, write_family

    data, out = tmp_path / "families", tmp_path / "out"
    data.mkdir()
    for number in (1, 2):
        write_family(make_family(f"PF0000{number}", 6, 24, seed=number), data)
    arguments = ["run", "--quiet", "--model", "plus_rnn_large", "--weights", str(folder)]
    arguments += ["--dataset", "families", "--data", str(data), "--out", str(out)]
    assert main([*arguments, "--pairs", "6"]) == 0
    row = known_runs(out, PAIR_RUNS).iloc[0]
    assert (row["layers"], row["heads"], row["chosen"]) == (3, 0, "6 drawn")
    assert read_table(out, PAIR_ATTENTION, run=row["run"]).empty
    scores = read_table(out, PAIR_SCORES, run=row["run"])
    from precompute.datasets import DATASETS

    with DATASETS["families"].open(data) as chains:
        place = {name: number for number, name in enumerate(chains.identifiers())}
        for _, pair in scores.iterrows():
            one, other = place[pair["first"]], place[pair["second"]]
            c, score = naive_alignment(chains[one].sequence, chains[other].sequence)
            assert pair["same_family"] == pytest.approx(score, abs=1e-4)
            aligned = chains.aligned(one, other)
            if aligned is None:
                assert np.isnan(pair["soft_aligned"])
            else:
                own = sum(c[i, j] for i, j in aligned) / c.sum()
                assert pair["soft_aligned"] == pytest.approx(own, abs=1e-4)
    assert scores["relation"].tolist() == ["same family", "different families"] * 3
    assert (folder / RNN_FILE).is_file()


def test_probes_take_it(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It comes as far as the data, of which there are too few here."""
    (tmp_path / "1t8k.pdb").write_text(example("1T8K"))
    arguments = ["probe", "--quiet", "--model", "plus_rnn_large", "--weights", str(folder)]
    arguments += ["--dataset", "structures", "--data", str(tmp_path)]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 1
    assert "give at least 8" in capsys.readouterr().err
