"""The MSA Transformer against its authors' package, and against a naive formulation."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from precompute.alignment import Alignment
from precompute.errors import AtlasError
from precompute.models.configuration import check_config, read_config
from precompute.models.msa_network import PADDING
from precompute.models.msa_transformer import MsaAdapter, vocabulary
from precompute.models.selectivity import selectivity
from tests.checkpoints import make_checkpoint, own_checkpoint
from tests.msa_checkpoints import (
    FILE,
    SMALL,
    arguments,
    change_published,
    checkpoint,
    load,
    random_alignment,
    random_state,
    training_names,
    write_published,
    write_safetensors,
)


@pytest.fixture(scope="module")
def esm() -> Any:
    """The authors' package, a tool of the tests."""
    return pytest.importorskip("esm", reason="fair-esm is not here (requirements-test.txt)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("msa") / "weights")


class Seen:
    """Everything that an adapter shows of one alignment."""

    def __init__(self, adapter: MsaAdapter, tokens: torch.Tensor) -> None:
        self.rows: list[torch.Tensor] = []
        self.columns: list[torch.Tensor] = []
        self.first: list[torch.Tensor] = []
        self.selectivity: list[torch.Tensor] = []
        logits = torch.zeros(())

        def receive(layer: int, maps: torch.Tensor) -> None:
            nonlocal logits
            assert layer == len(self.rows)
            self.rows.append(maps[0].clone())
            if adapter.contacts is not None:
                logits = logits + adapter.contacts.of_layer(layer, maps)

        def receive_columns(layer: int, mean: torch.Tensor, first: torch.Tensor) -> None:
            assert layer == len(self.columns)
            self.columns.append(mean)
            self.first.append(first)

        with torch.inference_mode():
            self.last = adapter.network(
                tokens, receive, receive_columns, lambda _, found: self.selectivity.append(found)
            )
            if adapter.contacts is not None:
                self.contacts = adapter.contacts.probabilities(logits)


def reference(
    esm: Any, folder: Path, tokens: torch.Tensor, at_once: float, kind: torch.dtype
) -> dict[str, Any]:
    """What the authors' package makes of a file and an alignment."""
    import argparse

    with torch.serialization.safe_globals([argparse.Namespace]):
        data, contacts = (
            torch.load(folder / name, weights_only=True)
            for name in (FILE, FILE.replace(".pt", "-contact-regression.pt"))
        )
    network, _ = esm.pretrained.load_model_and_alphabet_core(FILE, data, contacts)
    network.train(False).to(kind).max_tokens_per_msa_(at_once)
    with torch.no_grad():
        found: dict[str, Any] = network(
            tokens[None], repr_layers=[SMALL.layers], return_contacts=True
        )
    return found


def encode(rows: list[str]) -> torch.Tensor:
    return torch.from_numpy(np.stack([vocabulary().encode(row).tokens for row in rows]))


def with_padding(tokens: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Lay an alignment out as it stands beside a larger one."""
    return torch.nn.functional.pad(tokens, (0, columns, 0, rows), value=PADDING)


ALIGNMENTS = {
    "1 row": encode(random_alignment(1, 20)),
    "2 rows": encode(random_alignment(2, 31)),
    "7 rows": encode(random_alignment(7, 40)),
    "64 rows": encode(random_alignment(64, 33)),
    "gaps in the query": encode(random_alignment(5, 30)[::-1]),
    "nothing but gaps": encode(["ACDEFGHIKL", "-" * 10, "A--------L"]),
    "every letter": encode(["LAGVSERTIDPKQNFYMHWCXBUZO.-", "-" * 27]),
    "padded rows": with_padding(encode(random_alignment(6, 25)), 3, 0),
    "padded columns": with_padding(encode(random_alignment(6, 25)), 0, 4),
    "padded rows and columns": with_padding(encode(random_alignment(6, 25)), 2, 5),
}


@pytest.mark.parametrize(
    ("kind", "at_once", "close"),
    [
        # Another processor rounds elsewhere: half of 1e-6 was used on one, and float64 is exact.
        pytest.param(torch.float32, math.inf, 4e-6, id="float32"),
        pytest.param(torch.float64, math.inf, 1e-9, id="float64"),
        pytest.param(torch.float64, 3, 1e-9, id="float64 in parts"),
    ],
)
@pytest.mark.parametrize("name", ALIGNMENTS)
def test_all_is_what_the_authors_package_gives(
    name: str, kind: torch.dtype, at_once: float, close: float, folder: Path, esm: Any
) -> None:
    tokens = ALIGNMENTS[name]
    expected = reference(esm, folder, tokens, math.inf, kind)
    adapter = loaded(folder, kind, at_once * tokens.shape[1])
    seen = Seen(adapter, tokens)
    columns = expected["col_attentions"][0].double()  # layers, heads, columns, rows, rows
    for own, theirs in (
        (torch.stack(seen.rows), expected["row_attentions"][0]),
        (torch.stack(seen.columns), columns[:, :, 1:].mean(2).to(kind)),
        (torch.stack(seen.first), columns[:, :, 0].to(kind)),
        (seen.contacts, expected["contacts"][0]),
    ):
        torch.testing.assert_close(own, theirs, atol=close, rtol=0)
    last = expected["representations"][SMALL.layers][0]
    torch.testing.assert_close(seen.last, last, atol=10 * close, rtol=0)
    assert torch.stack(seen.rows).max() > 0.3, "attention is flat: the test proves little"


@pytest.mark.parametrize("name", ["7 rows", "64 rows", "gaps in the query"])
def test_parts_are_those_of_the_authors_package(name: str, folder: Path, esm: Any) -> None:
    tokens = ALIGNMENTS[name]
    expected = reference(esm, folder, tokens, 2 * tokens.shape[1], torch.float64)
    seen = Seen(loaded(folder, torch.float64, 2 * tokens.shape[1]), tokens)
    torch.testing.assert_close(
        torch.stack(seen.rows), expected["row_attentions"][0], atol=1e-9, rtol=0
    )


def test_tokens_are_the_authors(esm: Any) -> None:
    alphabet = esm.Alphabet.from_architecture("msa_transformer")
    rows = ["LAGVSERTIDPKQNFYMHWCXBUZO.-", "-" * 27]
    _, _, tokens = alphabet.get_batch_converter()([(str(n), row) for n, row in enumerate(rows)])
    assert torch.equal(tokens[0], encode(rows))
    assert alphabet.padding_idx == PADDING


def loaded(folder: Path, kind: torch.dtype, at_once: float) -> MsaAdapter:
    adapter = load(folder)
    adapter.to(torch.device("cpu"), kind)
    if adapter.contacts is not None:
        adapter.contacts.to(kind)
    for module in adapter.network.modules():
        if hasattr(module, "at_once"):
            module.at_once = at_once if math.isinf(at_once) else int(at_once)  # type: ignore[assignment]
    return adapter


@pytest.mark.parametrize("at_once", [math.inf, 30])
def test_a_naive_formulation_says_the_same(at_once: float, folder: Path) -> None:
    """Cell by cell in NumPy's float64, after the paper's formulas and nothing else."""
    tokens = encode(random_alignment(5, 12, seed=3))
    seen = Seen(loaded(folder, torch.float64, at_once), tokens)
    rows, columns = naive(random_state(SMALL), tokens.numpy())
    np.testing.assert_allclose(torch.stack(seen.rows).numpy(), rows, atol=1e-9, rtol=0)
    np.testing.assert_allclose(torch.stack(seen.first).numpy(), columns[:, :, 0], atol=1e-9, rtol=0)
    mean = columns[:, :, 1:].mean(2)
    np.testing.assert_allclose(torch.stack(seen.columns).numpy(), mean, atol=1e-9, rtol=0)
    found = torch.stack(seen.selectivity).numpy()
    assert found.shape == (SMALL.layers, SMALL.heads, 12)
    for layer, head, column in np.ndindex(found.shape):
        moved = naive_selectivity(columns[layer, head, column + 1])
        assert found[layer, head, column] == pytest.approx(moved, abs=1e-9)
    assert found.max() - found.min() > 0.1


def naive_selectivity(attention: np.ndarray) -> float:
    """Attention that would have to move for each row to attend evenly to the others."""
    rows = len(attention)
    moved = 0.0
    for i in range(rows):
        even = sum(attention[i, j] for j in range(rows) if j != i) / (rows - 1)
        moved += sum(max(attention[i, j] - even, 0) for j in range(rows) if j != i)
    return moved / rows


@pytest.mark.parametrize(
    ("attention", "expected"),
    [
        (torch.eye(4), 0.0),  # nothing but themselves
        (torch.full((4, 4), 0.25), 0.0),  # all alike
        (torch.eye(4).roll(1, 0), 2 / 3),  # one other row each
        (torch.eye(4) / 2 + torch.eye(4).roll(1, 0) / 2, 1 / 3),
        (torch.ones(1, 1), 0.0),
        (torch.tensor([[0.1, 0.9], [0.9, 0.1]]), 0.0),  # there is one other
    ],
)
def test_selectivity_is_what_would_have_to_move(attention: torch.Tensor, expected: float) -> None:
    assert selectivity(attention[None, None]).item() == pytest.approx(expected, abs=1e-6)


def naive(state: dict[str, torch.Tensor], tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row maps (layers, heads, columns, columns), column maps (layers, heads, columns, rows, rows).

    By the package's names, so that what is called rows in the file has to be columns.
    """
    w = {name: tensor.double().numpy() for name, tensor in state.items()}

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return x * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def softmax(x: np.ndarray) -> np.ndarray:
        x = np.exp(x - x.max())
        return x / x.sum()

    depth, length = tokens.shape
    x = w["embed_tokens.weight"][tokens]
    x = x + w["embed_positions.weight"][2 : 2 + length]
    x = norm(x + w["msa_position_embedding"][0, :depth], "emb_layer_norm_before")
    heads, size = SMALL.heads, SMALL.width // SMALL.heads
    row_maps = np.zeros((SMALL.layers, heads, length, length))
    column_maps = np.zeros((SMALL.layers, heads, length, depth, depth))
    for layer in range(SMALL.layers):
        for axis in ("row", "column"):
            part = f"layers.{layer}.{axis}_self_attention"
            y = norm(x, f"{part}.layer_norm")
            q, k, v = (linear(y, f"{part}.layer.{one}_proj") for one in "qkv")
            out = np.zeros_like(x)
            for head in range(heads):
                own = slice(head * size, (head + 1) * size)
                if axis == "row":
                    for i in range(length):
                        scores = [
                            sum(q[r, i, own] @ k[r, j, own] for r in range(depth))
                            / math.sqrt(size * depth)
                            for j in range(length)
                        ]
                        row_maps[layer, head, i] = softmax(np.array(scores))
                        for r in range(depth):
                            out[r, i, own] = row_maps[layer, head, i] @ v[r, :, own]
                else:
                    for c in range(length):
                        for i in range(depth):
                            scores = k[:, c, own] @ q[i, c, own] / math.sqrt(size)
                            column_maps[layer, head, c, i] = softmax(scores)
                            out[i, c, own] = column_maps[layer, head, c, i] @ v[:, c, own]
            x = x + linear(out, f"{part}.layer.out_proj")
        part = f"layers.{layer}.feed_forward_layer"
        y = linear(norm(x, f"{part}.layer_norm"), f"{part}.layer.fc1")
        y = 0.5 * y * (1 + np.vectorize(math.erf)(y / math.sqrt(2)))
        x = x + linear(y, f"{part}.layer.fc2")
    return row_maps, column_maps


def test_column_attention_is_made_only_when_asked_for(folder: Path) -> None:
    """And the counting pass, which asks for rows alone, gives the same rows."""
    adapter = load(folder)
    # In single precision the two ways to column attention round apart, layer after layer.
    adapter.to(torch.device("cpu"), torch.float64)
    rows = random_alignment(6, 30)
    alone: list[torch.Tensor] = []
    both: list[torch.Tensor] = []
    encoding = adapter.encode_alignment(Alignment.of(rows))
    adapter.attend([encoding], lambda _, maps: alone.append(maps.clone()))
    shown: list[int] = []
    adapter.attend(
        [encoding], lambda _, maps: both.append(maps.clone()), lambda layer, *_: shown.append(layer)
    )
    assert shown == list(range(SMALL.layers))
    for one, other in zip(alone, both, strict=True):
        assert one.shape == (1, SMALL.heads, 31, 31)
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_residues_are_the_querys_and_its_gaps_are_none(folder: Path) -> None:
    encoding = load(folder).encode_alignment(Alignment.of(["A-CD-E", "AACDEE", "------"]))
    assert encoding.residues.tolist() == [-1, 0, -1, 1, 2, -1, 3]
    assert encoding.rows is not None
    assert encoding.rows.shape == (3, 7)
    assert encoding.tokens.tolist() == encoding.rows[0].tolist()


def test_the_order_of_rows_changes_the_maps(folder: Path) -> None:
    rows = random_alignment(6, 30)
    maps = []
    for order in (rows, [rows[0], *rows[:0:-1]]):
        adapter = load(folder)
        maps.append(torch.stack(Seen(adapter, encode(order)).rows))
    assert (maps[0] - maps[1]).abs().max() > 1e-4


@pytest.mark.parametrize("training", [False, True])
def test_safetensors_by_either_names_are_the_same_model(
    training: bool, folder: Path, tmp_path: Path
) -> None:
    other = write_safetensors(tmp_path / "plain", training=training)
    tokens = ALIGNMENTS["7 rows"]
    one, two = Seen(load(folder), tokens), Seen(load(other), tokens)
    assert torch.equal(torch.stack(one.rows), torch.stack(two.rows))
    assert torch.equal(one.contacts, two.contacts)


def test_rows_and_columns_are_not_exchanged(folder: Path, tmp_path: Path) -> None:
    """The file calls row attention column attention: taken by its names, maps are others."""
    swapped = tmp_path / "swapped"
    swapped.mkdir()
    state = {
        name: tensor for name, tensor in random_state(SMALL).items() if "contact_head" not in name
    }
    as_named = {f"encoder.sentence_encoder.{name}": tensor for name, tensor in state.items()}
    torch.save({"args": arguments(SMALL), "model": as_named}, swapped / FILE)
    tokens = ALIGNMENTS["7 rows"]
    one, two = Seen(load(folder), tokens), Seen(load(swapped), tokens)
    assert (torch.stack(one.rows) - torch.stack(two.rows)).abs().max() > 0.01


def test_names_without_prefix_in_a_published_file_are_refused(tmp_path: Path) -> None:
    """They are the package's own, in which nothing is exchanged, or they are not: who knows."""
    torch.save({"args": arguments(SMALL), "model": random_state(SMALL)}, tmp_path / FILE)
    with pytest.raises(AtlasError, match=r"lack “encoder\.”.* cannot be told"):
        load(tmp_path)


def test_a_checkpoint_without_contacts_is_read(tmp_path: Path) -> None:
    adapter = load(write_published(tmp_path / "weights", contacts=False))
    assert adapter.contacts is None


def test_sizes_are_those_of_the_file(tmp_path: Path) -> None:
    shape = replace(SMALL, layers=1, heads=2, width=16, inner=20, positions=40, rows=9, at_once=77)
    adapter = load(write_published(tmp_path / "weights", shape))
    assert adapter.network.shape == shape
    assert (adapter.layers, adapter.heads, adapter.max_tokens) == (1, 2, 40)
    with pytest.raises(AtlasError, match=r"at most 9 rows and 39 columns"):
        adapter.encode_alignment(Alignment.of(["ACD"] * 10))
    with pytest.raises(AtlasError, match=r"at most 9 rows and 39 columns"):
        adapter.encode("A" * 40)
    assert len(adapter.encode_alignment(Alignment.of(["A" * 39] * 9))) == 40


def _another(folder: Path) -> None:
    shutil.copy(folder / FILE, folder / "mine.pt")


def _older(folder: Path) -> None:
    (folder / FILE).rename(folder / FILE.replace("msa1b", "msa1"))


def _code(folder: Path) -> None:
    torch.save({"args": Path("x"), "model": {}}, folder / FILE)


REFUSED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a tensor is missing": (
        lambda f: change_published(f, layers__1__row_self_attention__layer__q_proj__bias=None),
        "lacks 1 of .* layers.1.column_self_attention.layer.q_proj.bias",
    ),
    "no positions of rows": (
        lambda f: change_published(f, msa_position_embedding=None),
        "lacks tensors of an MSA Transformer",
    ),
    "a tensor nobody knows": (
        lambda f: change_published(f, layers__0__extra__weight=torch.ones(3)),
        r"holds layers\.0\.extra\.weight",
    ),
    "NaN": (
        lambda f: change_published(f, embed_tokens__weight=torch.full((33, 32), torch.nan)),
        "holds NaN or infinite",
    ),
    "quantised": (
        lambda f: change_published(
            f, layers__0__feed_forward_layer__layer__fc2__weight=torch.ones(32, 48).to(torch.int8)
        ),
        "is quantised",
    ),
    "another shape": (
        lambda f: change_published(
            f, layers__0__feed_forward_layer__layer__fc2__weight=torch.ones(32, 47)
        ),
        "has shape",
    ),
    "the older model by its name": (_older, "is ESM-MSA-1, whose positions of rows have a fault"),
    "the older model by its tensors": (
        lambda f: change_published(f, msa_position_embedding=torch.ones(1, 1024, 1, 1)),
        "is ESM-MSA-1, whose positions of rows have a fault",
    ),
    "another vocabulary": (
        lambda f: change_published(f, embed_tokens__weight=torch.ones(35, 32)),
        "knows 35 tokens",
    ),
    "another model of the authors": (
        lambda f: write_published(f, arch="roberta_large"),
        "holds a checkpoint of roberta_large, and one of msa_transformer was asked for",
    ),
    "no number of heads": (lambda f: write_published(f, attention_heads=None), "how many heads"),
    "other heads": (lambda f: write_published(f, attention_heads=5), "does not divide"),
    "heads that the contacts deny": (
        lambda f: write_published(f, attention_heads=8),
        "contact head reads 12 heads",
    ),
    "other layers": (lambda f: write_published(f, layers=4), "num_hidden_layers is 3 in its"),
    "other positions": (
        lambda f: write_published(f, max_positions=4096),
        "max_position_embeddings is 96 in its tensors and said to be 4096",
    ),
    "two files": (_another, "put the one that is meant into a folder of its own"),
    "code": (_code, "asks for code and was refused"),
    "not weights": (lambda f: (f / FILE).write_text("<html>"), "damaged|asks for code"),
    "no arguments": (
        lambda f: torch.save({"model": training_names(random_state(SMALL))}, f / FILE),
        "does not say what network it is of",
    ),
    "nothing": (lambda f: shutil.rmtree(f), "no checkpoint folder"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_such_checkpoint_is_refused_with_a_sentence(case: str, tmp_path: Path) -> None:
    change, sentence = REFUSED[case]
    folder = write_published(tmp_path / "weights")
    change(folder)
    with pytest.raises(AtlasError, match=sentence) as caught:
        checkpoint(folder).load()
    assert str(caught.value).count("\n") == 0


def test_a_rounded_network_gives_about_the_same_rows(folder: Path) -> None:
    tokens = ALIGNMENTS["7 rows"]
    exact = torch.stack(Seen(load(folder), tokens).rows)
    adapter = load(folder)
    adapter.contacts = None
    adapter.to(torch.device("cpu"), torch.bfloat16)
    rounded = torch.stack(Seen(adapter, tokens).rows)
    assert rounded.dtype == torch.float32
    assert (rounded - exact).abs().mean() < 0.01


def test_a_checkpoint_of_another_family_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="holds a checkpoint of esm, and one of msa_transformer"):
        checkpoint(make_checkpoint(tmp_path, "esm2_t6_8m")).load()


def test_another_architecture_refuses_the_published_file(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "weights")
    with pytest.raises(AtlasError, match="checkpoint of msa_transformer, and one of esm"):
        check_config(read_config(folder), "esm", folder)


def test_a_checkpoint_of_ones_own(tmp_path: Path) -> None:
    mine = own_checkpoint(write_published(tmp_path / "weights"), "msa_transformer")
    assert mine.model.reads_alignments
    assert mine.model.attention == "row"
    assert mine.reading() == {}
    assert mine.load().layers == SMALL.layers
