"""The command line: ``python -m precompute COMMAND``."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from precompute import __version__
from precompute.errors import AtlasError, printable, system_said

_PROTEINS = 5000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Command-line arguments; those of the process by default.

    Returns
    -------
    int
        0 when it worked; 1 when the input could not be used, after one sentence on
        standard error; 130 when interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given)
    options.command = printable("python -m precompute " + shlex.join(given))
    try:
        options.action(options)
        sys.stdout.flush()
    except AtlasError as error:
        print(f"precompute: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "precompute: interrupted; the tables are as they were, and the same command takes up "
            "where it stopped.",
            file=sys.stderr,
        )
        return 130
    except BrokenPipeError:
        # Whoever reads our output has left, as `head` does; nobody is there to be told.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 0
    except OSError as error:  # a disk or a place where no command expects it, the output's too
        print(f"precompute: {system_said(error)}", file=sys.stderr)
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m precompute",
        description="Measure what attention heads of protein language models follow.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="measure models on datasets and write the tables"))

    _add_probe(
        commands.add_parser("probe", help="fit linear probes on each layer and write their scores")
    )
    _add_contacts(
        commands.add_parser(
            "contacts", help="measure what all heads together know of contacts, protein by protein"
        )
    )

    models = commands.add_parser("models", help="list the models and whether they are here")
    models.set_defaults(action=_lists("list_models"))

    datasets = commands.add_parser("datasets", help="list the datasets and whether they are here")
    datasets.add_argument("--data", metavar="DIR", help="default: $ATLAS_DATA")
    datasets.set_defaults(action=_lists("list_datasets"))

    compare = commands.add_parser("compare", help="set measured values beside the published ones")
    compare.add_argument("results", metavar="RESULTS", help="results folder, path or URL")
    compare.add_argument("--heads", action="store_true", help="print every head")
    compare.add_argument("--csv", metavar="FILE", help="write every head to a file")
    compare.set_defaults(action=_compare)

    _add_attention(
        commands.add_parser("attention", help="write the attention of your own proteins to a file")
    )

    export = commands.add_parser("export", help="write a results folder's tables as CSV")
    export.add_argument("results", metavar="RESULTS", help="results folder, path or URL")
    export.add_argument(
        "--csv", nargs="?", const="csv", default="csv", metavar="DIR", help="default: csv"
    )
    export.set_defaults(action=_export)

    published = commands.add_parser(
        "published", help="rebuild the paper's tables from the transcription of its figures"
    )
    published.add_argument("source", type=Path, metavar="DIR")
    published.add_argument("--out", type=Path, metavar="DIR", help="default: inside the project")
    published.set_defaults(action=_published)

    examples = commands.add_parser(
        "examples", help="rebuild the example proteins from their structures; say what changed"
    )
    examples.add_argument(
        "data", type=Path, metavar="DATA", help="holds families/ and structures/ (PDB files)"
    )
    examples.add_argument("--out", type=Path, metavar="DIR", help="default: inside the project")
    examples.set_defaults(action=_examples)

    arcs = commands.add_parser(
        "example-arcs", help="run the demo model on one example and keep its arcs"
    )
    arcs.add_argument("--out", type=Path, metavar="DIR", help="default: inside the project")
    arcs.set_defaults(action=_example_arcs)

    train = commands.add_parser(
        "train-demo", help="train the small model that ships with the project"
    )
    train.add_argument("families_dir", type=Path, metavar="FAMILIES_DIR")
    train.add_argument("--out", required=True, type=Path, metavar="DIR")
    train.add_argument(
        "--families", type=_positive, default=8, metavar="N", help="the deepest N (default 8)"
    )
    train.add_argument("--steps", type=_positive, metavar="N", help="default: the recipe's")
    train.add_argument("--seed", type=_training_seed, default=123, help="(default 123)")
    train.add_argument("--threads", type=_positive, metavar="N", help="of the CPU (default: all)")
    train.set_defaults(action=_train_demo)

    build = commands.add_parser(
        "build-demo", help="train, measure and describe the demo model; say what changed"
    )
    build.add_argument(
        "data", type=Path, metavar="DATA", help="holds families/ and folders of structures"
    )
    build.add_argument("--work", required=True, type=Path, metavar="DIR", help="kept between calls")
    build.add_argument("--families", type=_positive, default=8, metavar="N", help="(default 8)")
    build.add_argument("--steps", type=_positive, metavar="N", help="default: the recipe's")
    build.add_argument("--seed", type=_training_seed, default=123, help="(default 123)")
    build.add_argument("--threads", type=_positive, metavar="N", help="of the CPU (default: all)")
    build.add_argument("--quiet", action="store_true", help="show no progress")
    build.add_argument(
        "--results-only",
        action="store_true",
        help="run the checkpoint that ships; it stays as it is, and its card but for the arcs",
    )
    build.set_defaults(action=_build_demo)
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    _add_measured(run)
    run.add_argument(
        "--no-shuffle", action="store_true", help="take the first proteins in stored order"
    )
    run.add_argument(
        "--windows",
        action="store_true",
        help="read a longer chain in overlapping windows of --max-length instead of cutting it",
    )
    run.add_argument(
        "--sites",
        type=Path,
        metavar="FILE",
        help="residues of your own, measured as one more property: a CSV with chain (or entry), "
        "residue by the author's number (45, 52A, 67-72) and, if wanted, class; or a .bed",
    )
    run.add_argument(
        "--site-class", metavar="NAME[,NAME]", help="of --sites only these (default: all)"
    )
    run.add_argument(
        "--pairs",
        metavar="FILE",
        help="run pairs of proteins instead: two identifiers a line, or a structure and two of its "
        "chains; a number draws as many, half of them of one family or structure",
    )
    run.add_argument(
        "--nulls",
        metavar="NAME[,NAME]",
        help="measure column attention in shuffled alignments too: columns (their order), "
        "covariance (letters within each column), rows (letters within each row); each is one "
        "more pass of the network",
    )
    run.add_argument(
        "--regression",
        action="store_true",
        help="regress the distance of two rows on the column attention of all heads",
    )
    run.add_argument(
        "--keep-matrices",
        type=_size,
        metavar="MB",
        help="keep column attention, rows × rows, of the first alignments, as many as fit "
        "before compression (default 256; 0 for none)",
    )
    run.add_argument(
        "--batch-tokens",
        type=_positive,
        metavar="N",
        help="tokens of a batch, padding included (default: one protein at a time on a CPU, "
        "8192 elsewhere)",
    )
    _add_engine(run)
    run.add_argument(
        "--dry-run", action="store_true", help="say how much there is to do and how long it takes"
    )
    run.add_argument(
        "--add",
        action="store_true",
        help="keep a run of the same model and dataset with other settings beside this one",
    )
    # Pairs are no sample of proteins: only what was given can be refused there.
    run.set_defaults(action=_run, proteins=None)


def _add_attention(attention: argparse.ArgumentParser) -> None:
    attention.add_argument("sequences", metavar="FASTA", help="your proteins; may be gzipped")
    attention.add_argument("--model", required=True, metavar="NAME", help="see `models`")
    attention.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="ends in .parquet: arcs, a line each; in .h5: whole maps in half precision",
    )
    attention.add_argument("--layers", metavar="N[,N]", help="all heads of these layers, from 1")
    attention.add_argument(
        "--heads", metavar="LAYER-HEAD[,…]", help="these heads, such as 7-1,12-4"
    )
    attention.add_argument(
        "--at-least", type=float, metavar="WEIGHT", help="smallest weight of an arc (default 0.1)"
    )
    attention.add_argument("--weights", metavar="DIR", help="as for `run`")
    attention.add_argument("--architecture", metavar="NAME", help="as for `run`")
    attention.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    attention.add_argument("--dry-run", action="store_true", help="say how large it will be")
    attention.add_argument("--quiet", action="store_true", help="show no progress")
    attention.set_defaults(action=_attention)


def _add_probe(probe: argparse.ArgumentParser) -> None:
    _add_measured(probe)
    probe.add_argument(
        "--task",
        metavar="NAME[,NAME]",
        help="what is read, such as secondary_structure_8 or contact (default: all that the data "
        "have labels of)",
    )
    probe.add_argument(
        "--labels",
        metavar="FILE",
        help="read labels of your own instead: a list as --sites of `run` takes it, with classes",
    )
    probe.add_argument(
        "--source", metavar="NAME[,NAME]", help="embeddings, attention (default: both)"
    )
    probe.add_argument("--protocol", metavar="NAME[,NAME]", help="corrected, paper (default: both)")
    probe.add_argument(
        "--budget",
        type=_gigabytes,
        default=20.0,
        metavar="GB",
        help="most disk space for features while probes are fitted (default 20)",
    )
    probe.set_defaults(action=_probe)


def _add_contacts(contacts: argparse.ArgumentParser) -> None:
    _add_measured(contacts)
    _add_engine(contacts)
    contacts.add_argument(
        "--published",
        action="store_true",
        help="learn nothing: score every protein, be it one, by the regression that the checkpoint "
        "carries, print it, and write a CSV in place of a run",
    )
    contacts.add_argument(
        "--jacobian",
        action="store_true",
        help="compute the categorical Jacobian too: twenty passes of the model a residue",
    )
    contacts.set_defaults(action=_contacts)


def _add_measured(parser: argparse.ArgumentParser) -> None:
    """Add what every command takes that runs models on datasets."""
    add = parser.add_argument
    add("--model", required=True, metavar="NAME[,NAME]", help="see `models`")
    add("--dataset", required=True, metavar="NAME[,NAME]", help="see `datasets`")
    add("--out", required=True, metavar="RESULTS", help="results folder, path or URL")
    add(
        "--weights",
        metavar="DIR",
        help="checkpoint folder in the hub's layout; for several models a folder that holds one "
        "of each name; by default the hub's cache, then a download",
    )
    add(
        "--architecture",
        metavar="NAME",
        help="run a checkpoint of your own: bert, albert, xlnet, esm, esmc, t5, gpt2, progen, "
        "roberta, msa_transformer or plus_tfm; --model then names it",
    )
    add(
        "--data",
        metavar="PATH",
        help="the dataset; for several a folder that holds them under their usual names, or "
        "NAME=PATH[,NAME=PATH]; by default the folder $ATLAS_DATA, to which it is fetched",
    )
    add(
        "--proteins", type=_positive, default=_PROTEINS, metavar="N", help="how many (default 5000)"
    )
    add("--seed", type=_seed, default=123, help="of the sample (default 123)")
    add(
        "--max-length",
        type=_positive,
        default=512,
        metavar="TOKENS",
        help="longest input, two special tokens included (default 512: 510 residues)",
    )
    add(
        "--depth",
        type=_positive,
        metavar="ROWS",
        help="rows of an alignment that are read, the query included (default 128)",
    )
    add(
        "--thin",
        choices=("diverse", "hhfilter", "random", "first"),
        help="which rows of a deeper one (default diverse)",
    )
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    add("--precision", choices=("float32", "bfloat16"), default="float32")
    add("--quiet", action="store_true", help="show no progress")


def _gigabytes(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _add_engine(parser: argparse.ArgumentParser) -> None:
    """Add where shards are measured."""
    parser.add_argument(
        "--workers",
        type=_positive,
        metavar="N",
        help="measure in N processes on this machine; on GPUs one a device",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="measure on the workers of a Dask cluster, such as tcp://HOST:8786",
    )


def _positive(text: str) -> int:
    return _at_least(1, text, "above 0")


def _size(text: str) -> int:
    return _at_least(0, text, "from 0 up")


def _seed(text: str, largest: int = 2**63 - 1) -> int:
    """Read a seed, which generators take and a column of tables holds."""
    said = f"from 0 to {largest}"
    number = _at_least(0, text, said)
    if number > largest:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {said}")
    return number


def _training_seed(text: str) -> int:
    """Read a seed that NumPy's older generator takes, too."""
    return _seed(text, 2**32 - 1)


def _at_least(least: int, text: str, said: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {said}")
    return number


# Each command's module is imported when it is asked for: `--help` needs none of them.


def _run(options: argparse.Namespace) -> None:
    if options.pairs is not None:
        from precompute.commands.pairs import run_over_pairs

        run_over_pairs(options)
        return
    from precompute.commands.run import run

    options.proteins = options.proteins or _PROTEINS
    run(options)


def _attention(options: argparse.Namespace) -> None:
    from precompute.commands.attention import attention

    attention(options)


def _probe(options: argparse.Namespace) -> None:
    from precompute.commands.probe import probe

    probe(options)


def _contacts(options: argparse.Namespace) -> None:
    from precompute.commands.contacts import contacts

    contacts(options)


def _lists(name: str) -> Callable[[argparse.Namespace], None]:
    def action(options: argparse.Namespace) -> None:
        from precompute.commands import lists

        getattr(lists, name)(options)

    return action


def _compare(options: argparse.Namespace) -> None:
    from precompute.commands.compare import compare

    compare(options)


def _export(options: argparse.Namespace) -> None:
    from precompute.commands.export import export

    export(options)


def _published(options: argparse.Namespace) -> None:
    from precompute.commands.published import rebuild_published

    rebuild_published(options)


def _examples(options: argparse.Namespace) -> None:
    from precompute.commands.examples import rebuild_examples

    rebuild_examples(options)


def _example_arcs(options: argparse.Namespace) -> None:
    from precompute.commands.examples import rebuild_example_arcs

    rebuild_example_arcs(options)


def _train_demo(options: argparse.Namespace) -> None:
    from precompute.commands.demo import train_demo

    train_demo(options)


def _build_demo(options: argparse.Namespace) -> None:
    from precompute.commands.demo import build_demo

    build_demo(options)
