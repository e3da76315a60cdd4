"""One of every figure for print, with names as short or as long as users give them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.printing import shell
from dashboard.figures.printing.figure import LIVE, PaperFigure, Source
from dashboard.figures.top_heads.top_heads_print import top_heads_figure
from dashboard.pages.alignments.columns_print import columns_figure
from dashboard.pages.alignments.distance_map_print import distance_figure
from dashboard.pages.alignments.rows_print import rows_figure
from dashboard.pages.amino_acids.shares_print import head_shares_figure
from dashboard.pages.amino_acids.small_heatmaps_print import amino_acids_figure
from dashboard.pages.amino_acids.top_by_model_print import model_tops_figure
from dashboard.pages.compare.clusters_print import clusters_figure
from dashboard.pages.compare.differences_print import differences_figure
from dashboard.pages.compare.distributions_print import distributions_figure
from dashboard.pages.compare.properties_print import properties_figure
from dashboard.pages.compare.protein_pairs_print import protein_pairs_figure
from dashboard.pages.compare.tops_print import compare_tops_figure
from dashboard.pages.heads.offsets_print import offsets_figure
from dashboard.pages.heads.shapes_print import shape_figure
from dashboard.pages.layers.centres_print import centres_figure
from dashboard.pages.layers.layer_panels_print import PAPER_FEATURES as LAYER_FEATURES
from dashboard.pages.layers.layer_panels_print import layers_figure, layers_table
from dashboard.pages.layers.probes_print import probes_figure, probes_source
from dashboard.pages.live.arcs.arc_diagram_print import arc_diagram_figure
from dashboard.pages.live.arcs.attention_map_print import attention_map_figure
from dashboard.pages.live.heads.protein_heads_print import protein_heads_figure
from dashboard.pages.live.rows.rows_map_print import rows_map_figure
from dashboard.pages.live.together.together_print import together_figure
from dashboard.pages.live.two.soft_alignment_print import soft_alignment_figure
from dashboard.pages.substitution.furthest_pairs_print import furthest_figure
from dashboard.pages.substitution.matrix_print import substitution_figure
from dashboard.pages.substitution.pairs_print import pairs_figure
from dashboard.pages.substitution.similarity_print import similarity_figure
from dashboard.results.alignments import HeadMatrices, Measure, published_map
from dashboard.results.amino_acids import amino_acid_frames, head_shares
from dashboard.results.comparisons import both_tops, compare_properties
from dashboard.results.frames import top_heads
from dashboard.results.head_clusters import cluster_sources
from dashboard.results.protein_pairs import DIFFERENCE, PairRun
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.clustering import cluster
from precompute.differences import difference_frame
from precompute.features import FEATURES, MAXIMUM_OFFSET
from precompute.layers import centre_row, layer_frame
from precompute.live.arc_colours import colour_arcs, legend
from precompute.live.arcs import Rule, choose_arcs, labelled_chain
from precompute.live.running.together import HeadsTogether, contact_pairs
from precompute.live.together import Predicted, predict
from precompute.pairs import deviating, middle, pairs_with_intervals
from precompute.published import read_published
from precompute.similarity import correlation_matrix, head_vectors, matrix_pairs, resampled_pairs
from precompute.substitution import read_matrix
from precompute.tables import PUBLISHED_PROBES
from tests.dashboard.live.test_drawings import FRAME
from tests.precompute.live.test_arcs import ATTENTION, PROTEIN, RESIDUES

SHORT = ("A", "B")
LONG = (
    "our-lab_prot_bert_finetuned_on_UniRef50_then_on_antibodies_epoch_0042",
    "Our second model, whose name has a whole sentence’s worth of words, WWWWWWWWWWWWWWWWWWWWWWW",
)
TWO = ("prot_bert", "prot_bert_bfd")
NUMBERS = "n = 1,234,567 proteins"


def source(names: tuple[str, str], feature: str = "", *, live: bool = False) -> Source:
    """Say that values are of both names, on a data set called as the second."""
    results = LIVE if live else f"run-of-{names[0]}"
    return Source(", ".join(names), results, names[1], feature, "0.3", NUMBERS)


@cache
def frames_of(model: str) -> dict[str, pd.DataFrame]:
    return amino_acid_frames(shell.read_paper(model).frames)


@cache
def heads_of(model: str, feature: str = "contact") -> pd.DataFrame:
    return shell.read_paper(model).frames[feature]


@cache
def pairs() -> tuple[pd.DataFrame, np.ndarray]:
    vectors = head_vectors(pd.concat(frames_of("prot_xlnet").values()))
    r = correlation_matrix(vectors.percent)
    resampled = resampled_pairs(vectors.percent, 50)
    scores = read_matrix("BLOSUM62")
    return pairs_with_intervals(matrix_pairs(r), scores, middle(resampled), None, None), r


def heads(names: tuple[str, str]) -> PaperFigure:
    frame = heads_of("prot_xlnet").assign(denominator="corrected")
    return heads_figure(frame, source(names, "Secondary structure: turn/bend"))


def enrichment(names: tuple[str, str]) -> PaperFigure:
    return heads_figure(heads_of("tape_bert"), source(names, "Contact"), "enrichment")


def shapes(names: tuple[str, str]) -> PaperFigure:
    places = [(layer, head) for layer in range(1, 31) for head in range(1, 17)]
    frame = pd.DataFrame(places, columns=["layer", "head"]).assign(residues=1234)
    frame["entropy"] = np.linspace(0.5, 8.25, len(frame))
    return shape_figure(frame, "entropy", (30, 16), 8.25, source(names))


def clusters(names: tuple[str, str]) -> PaperFigure:
    both = [shell.read_paper(model) for model in ("tape_bert", "prot_albert")]
    titles = {heads.source.key: name for heads, name in zip(both, names, strict=True)}
    return clusters_figure(cluster_sources(both, 12), titles, source(names))


def highest(names: tuple[str, str]) -> PaperFigure:
    frame = top_heads(heads_of("prot_bert_bfd"), 4).assign(denominator="corrected")
    return top_heads_figure(frame, source(names, "Contact"))


def offsets(names: tuple[str, str]) -> PaperFigure:
    places = [*range(-MAXIMUM_OFFSET, MAXIMUM_OFFSET + 1), "far"]
    share = np.linspace(0.1, 55.5, len(places))
    frame = pd.DataFrame(
        {
            "feature": [f"offset:{place}" for place in places],
            **{"percent": share, "interval_lower": share * 0.9, "interval_upper": share * 1.1},
            **{"background_percent": 4.0, "arcs": 123_456},
        }
    )
    return offsets_figure(frame, source(names), "12-12", names[0])


def amino_acids(names: tuple[str, str]) -> PaperFigure:
    return amino_acids_figure(frames_of("tape_bert"), source(names), LETTERS)


def shares(names: tuple[str, str]) -> PaperFigure:
    table = head_shares(frames_of("tape_bert"), 12, 4, dict.fromkeys(LETTERS, 5.0))
    return head_shares_figure(table, source(names), "12-4", BY_CHEMISTRY)


def matrices(names: tuple[str, str]) -> PaperFigure:
    frame, r = pairs()
    tree = cluster(r)
    return substitution_figure(frame, source(names), "BLOSUM62", tree.order, tree=tree)


def scatter(names: tuple[str, str]) -> PaperFigure:
    return pairs_figure(pairs()[0], source(names), "BLOSUM62", "")


def furthest(names: tuple[str, str]) -> PaperFigure:
    return furthest_figure(deviating(pairs()[0]), source(names), "BLOSUM62")


def similarity(names: tuple[str, str]) -> PaperFigure:
    table = pd.DataFrame(
        {
            **{"model": names, "label": names, "dataset": ("", names[1]), "heads": (144, 1920)},
            **{"pearson": (0.73, 0.68), "spearman": (-0.7, 0.6), "paper_pearson": (0.7, np.nan)},
            **{"pearson_heads_lower": (0.7, 0.6), "pearson_heads_upper": (0.8, 0.7)},
            **{"spearman_heads_lower": (-0.8, 0.5), "spearman_heads_upper": (-0.6, 0.7)},
            **{"mantel_p_pearson": 1e-4},
        }
    )
    return similarity_figure(table, source(names), "BLOSUM62")


def layers(names: tuple[str, str]) -> PaperFigure:
    tables = [layers_table(heads_of("prot_albert", feature)) for feature in LAYER_FEATURES]
    labels = [
        f"{FEATURES[name].label} · {names[number % 2]}"
        for number, name in enumerate(LAYER_FEATURES)
    ]
    return layers_figure(pd.concat(tables, ignore_index=True), labels, source(names, "five"))


def depths(names: tuple[str, str]) -> PaperFigure:
    tables = [layers_table(heads_of(model)) for model in TWO]
    frame = pd.concat(tables, ignore_index=True)
    return layers_figure(frame, names, source(names, "Contact"), "depth", shared=True)


def centres(names: tuple[str, str]) -> PaperFigure:
    rows = [centre_row(heads_of(model), layer_frame(heads_of(model))) for model in TWO]
    return centres_figure(pd.DataFrame(rows), names, source(names, "Contact"), "depth")


def probes(names: tuple[str, str]) -> PaperFigure:
    frame = read_published(PUBLISHED_PROBES)
    return probes_figure(frame, probes_source(frame))


def differences(names: tuple[str, str]) -> PaperFigure:
    one, two = (heads_of(model) for model in TWO)
    frame = difference_frame(one, two.assign(model=TWO[1]))
    return differences_figure(frame, names, source(names, "Contact"))


def distributions(names: tuple[str, str]) -> PaperFigure:
    one, two = (heads_of(model) for model in TWO)
    return distributions_figure((one, two), names, source(names, "Contact"))


def both(names: tuple[str, str]) -> PaperFigure:
    tops = both_tops([heads_of(model).assign(denominator="corrected") for model in TWO])
    labels = [(name, f"run run-of-{name}, {NUMBERS}") for name in names]
    return compare_tops_figure(tops, labels, source(names, "Contact"))


def properties(names: tuple[str, str]) -> PaperFigure:
    one, two = (shell.read_paper(model).tested() for model in TWO)
    _, frame = compare_properties(one, two, True)
    return properties_figure(frame, names, source(names))


def models(names: tuple[str, str]) -> PaperFigure:
    paper = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
    frame = pd.concat([top_heads(frames_of(model)["P"], 5) for model in paper], ignore_index=True)
    labels = [(names[number % 2], f"run-of-{names[0]}") for number in range(len(paper))]
    return model_tops_figure(frame, labels, source(names, "Proline"))


def protein_map(names: tuple[str, str]) -> PaperFigure:
    contacts = labelled_chain(PROTEIN).contact_states()
    known = source(names, f"Attention on {names[1]}", live=True)
    return attention_map_figure(FRAME, contacts, RESIDUES, known, 0.02)


def protein_arcs(names: tuple[str, str]) -> PaperFigure:
    chosen = choose_arcs(ATTENTION.head(1, 2), PROTEIN, Rule(0.1)).frame
    arcs = chosen.assign(colour=colour_arcs(chosen, "contact"), head="1-2")
    numbers = tuple(f"{9000 + place}A" for place in range(RESIDUES))
    protein = replace(PROTEIN, numbers=numbers)
    known = source(names, f"Arcs on {names[1]}", live=True)
    return arc_diagram_figure(
        arcs, protein, np.arange(RESIDUES) > 3, legend("contact"), known, "all"
    )


def protein_heads(names: tuple[str, str]) -> PaperFigure:
    layer, head = (place.ravel() + 1 for place in np.indices((2, 3)))
    frame = pd.DataFrame({"layer": layer, "head": head, "arcs": 9, "hits": 3, "percent": 100 / 3})
    known = source(names, f"Contact on {names[1]}", live=True)
    return protein_heads_figure(frame, [(1, 2)], known, "A share.", "% of the head's arcs")


def rows_of(names: tuple[str, str], rows: int = 70, columns: int = 30) -> HeadMatrices:
    """A head in an alignment whose rows are called as somebody may call them."""
    random = np.random.default_rng(0)
    attention, distances = (
        (drawn + drawn.T).astype(np.float32) for drawn in random.random((2, rows, rows)) / 2
    )
    np.fill_diagonal(distances, 0)
    query = "".join(random.choice(list("ACDE-"), columns))
    called = tuple(f"{names[place % 2]} {place}" for place in range(rows))
    selectivity = random.random(columns).astype(np.float32)
    return HeadMatrices(names[0], called, query, attention, distances, selectivity)


def column_distance(names: tuple[str, str]) -> PaperFigure:
    shown = published_map(Measure(control="covariance"))
    known = replace(source(names, "ρ with distance in ML trees"), threshold="")
    return distance_figure(shown, known, 0.4)


def alignment_rows(names: tuple[str, str]) -> PaperFigure:
    own = rows_of(names)
    return rows_figure(own, cluster(1.0 - own.distances.astype(float)), source(names), "12-12")


def alignment_columns(names: tuple[str, str]) -> PaperFigure:
    return columns_figure(rows_of(names), source(names), "12-12")


def paired(names: tuple[str, str]) -> PaperFigure:
    run = PairRun(f"run-of-{names[0]}", "", ", ".join(names), names[1], 80, 12, "2026")
    return protein_pairs_figure(paired_frame(), run, "first_to_second")


def paired_frame() -> pd.DataFrame:
    """Make shares of two relations and their difference; one head has none."""
    shares = {
        "same family": heads_of("tape_bert"),
        "different families": heads_of("tape_bert", "amino_acid:L"),
    }
    frames = []
    for relation, heads in shares.items():
        own = heads[["layer", "head", "percent"]].assign(
            relation=relation, background=48.0, pairs=40
        )
        frames.append(own.assign(lower=own["percent"] - 1, upper=own["percent"] + 1))
    apart = frames[0].assign(relation=DIFFERENCE, background=np.nan)
    one, other = (own["percent"].to_numpy() for own in frames)
    apart["percent"] = np.round(one - other, 2)
    return pd.concat([*frames, apart], ignore_index=True)


def soft_alignment(names: tuple[str, str]) -> PaperFigure:
    values = np.random.default_rng(3).random((90, 140), dtype=np.float32)
    known = source(names, f"Soft alignment of {names[1]}", live=True)
    return soft_alignment_figure(values, names, known, pd.DataFrame({"value": values[0]}))


@cache
def predicted() -> Predicted:
    """What one head says of a protein's contacts, some of it right."""
    pairs = len(contact_pairs(RESIDUES)[0])
    scores = np.random.default_rng(3).random((1, pairs), dtype=np.float32)
    return predict(HeadsTogether((0,), scores, RESIDUES, 1.0), PROTEIN, 1)


def together(names: tuple[str, str]) -> PaperFigure:
    contacts = labelled_chain(PROTEIN).contact_states()
    known = source(names, "Mean of the 50 best heads", live=True)
    return together_figure(predicted(), contacts, f"heads of {names[1]}", known)


def rows_read(names: tuple[str, str]) -> PaperFigure:
    values = np.random.default_rng(3).random((12, 70), dtype=np.float32)
    rows = [f"{names[0]}_{number}" for number in range(12)]
    return rows_map_figure(values, rows, source(names), pd.DataFrame({"row": rows}))


PRINTED: dict[str, Callable[[tuple[str, str]], PaperFigure]] = {
    make.__name__: make
    for make in (
        *(heads, enrichment, highest, offsets, amino_acids, shares, matrices, scatter, furthest),
        *(shapes, clusters),
        *(similarity, layers, depths, centres, probes, differences, distributions, both),
        *(properties, models, protein_map, protein_arcs, protein_heads, paired),
        *(column_distance, alignment_rows, alignment_columns, rows_read),
        *(soft_alignment, together),
    )
}
"""Every figure for print by a name of its own; each is made for two names."""
