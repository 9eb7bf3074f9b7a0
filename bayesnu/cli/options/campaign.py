"""Options that the commands of many fits share."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesnu.cli.options.common import print_json, say_held, written_text
from bayesnu.cli.options.question import add_asked, question_from
from bayesnu.errors import InputError
from bayesnu.files.json_text import json_text
from bayesnu.files.whole import write_text
from bayesnu.likelihood.held import held
from bayesnu.output.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bayesnu.campaigns.refit import Refit
    from bayesnu.campaigns.running import Running
    from bayesnu.likelihood.likelihood import Likelihood
    from bayesnu.results.calibration import Calibration
    from bayesnu.results.coverage import Coverage

MOST_PROCESSES = 16
"""For each core: more only wait for each other, and fill the memory."""


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add what is fitted."""
    add_asked(parser, "fit", "set")
    parser.add_argument(
        "--asimov", action="store_true", help="expected counts instead of data, for projections"
    )


def likelihood_from(args: argparse.Namespace, parameter: str) -> Likelihood:
    """Return the likelihood that the options describe."""
    # The --truth of toys are true values of the parameter, not of a projection.
    unprojected: dict[str, Any] = {"truth": [], "scale": [], "exposure": None}
    return question_from(argparse.Namespace(**vars(args) | unprojected), [parameter]).likelihood


def add_campaign(parser: argparse.ArgumentParser) -> None:
    """Add where and how to run a campaign."""
    group = parser.add_argument_group("campaign")
    group.add_argument("--out", type=Path, help="folder that keeps every finished fit at once")
    group.add_argument("--resume", action="store_true", help="continue what is in --out")
    group.add_argument(
        "--seed",
        type=int,
        default=1,
        help="seed (1): same seed, same results on one kind of processor",
    )
    group.add_argument("--cores", type=cores, help="processes on this machine (default: all cores)")
    group.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="scheduler of a Dask cluster: tcp://HOST:PORT, or its file",
    )
    group.add_argument("--draws", type=int, default=500, help="draws per chain of a refit (500)")
    group.add_argument("--tune", type=int, default=300, help="tuning draws per chain (300)")
    group.add_argument("--chains", type=int, default=4, help="chains of a refit (4)")
    group.add_argument("--no-plots", action="store_true", help="write no pictures")


def cores(text: str) -> int:
    """Return a number of processes that a machine can hold."""
    from bayesnu.campaigns.engines import available_cores

    most = MOST_PROCESSES * available_cores()
    number = int(text)
    if not 1 <= number <= most:
        raise argparse.ArgumentTypeError(f"{number} is not in [1, {most}]")
    return number


def refit_from(args: argparse.Namespace) -> Refit:
    """Return how to sample a refit."""
    from bayesnu.campaigns.refit import Refit

    return Refit(draws=args.draws, tune=args.tune, chains=args.chains)


def folder_of(args: argparse.Namespace, default: Path) -> Path | None:
    """Return where fits are kept: --out, or a default unless only JSON is wanted."""
    from bayesnu.files.whole import check_writable

    out: Path | None = args.out
    if out is None and not args.json:
        out = default
    if out is None:
        if args.resume:
            raise InputError("--resume", "--out", found="nothing", expected="the folder")
        return None
    check_writable(out)
    return out


def default_folder(experiments: list[str], signal: str, parameter: str, kind: str) -> Path:
    """Return results/<experiments>/<signal>/<parameter>/<kind>."""
    from bayesnu.experiments.model_files import find, folder_name

    names = "+".join(folder_name(find(name)) for name in experiments)
    return Path("results") / names / signal / parameter / kind


@contextlib.contextmanager
def running(args: argparse.Namespace, out: Path | None) -> Iterator[Running]:
    """Give what starts a campaign, with its cluster and a progress line while it runs."""
    from bayesnu.campaigns.dask_client import client_at
    from bayesnu.cli.options.progress import ProgressLine

    with ProgressLine() as progress, client_at(args.dask) as client:
        yield {
            "seed": args.seed,
            "out": out,
            "resume": args.resume,
            "cores": args.cores,
            "client": client,
            "progress": progress,
        }


def tell(
    args: argparse.Namespace,
    found: Calibration | Coverage,
    likelihood: Likelihood,
    out: Path | None,
    name: str,
    pictures: Mapping[str, Callable[[], Figure]],
) -> None:
    """Print what a campaign found; write its numbers, named so, and pictures beside its fits."""
    results = [{**result, **held(likelihood)} for result in found.to_dicts()]
    written = []
    if out is not None:
        written.append(write_text(out / f"{name}.json", json_text(results)))
        for picture, draw in pictures.items() if not args.no_plots else ():
            written.append(style.save(draw(), out / f"{picture}.png"))
    if args.json:
        print_json(results)
    else:
        print(found)
        say_held(likelihood)
        if out is not None:
            print(written_text(written, out))
    if not found.fits.complete:
        done = f"{len(found.fits.index) + found.fits.failed} of {found.fits.wanted} fits"
        kept = "were not kept (no --out)"
        if out is not None:
            kept = f"are in {out}, and --resume continues"
        print(f"bayesnu: interrupted; {done} {kept}.", file=sys.stderr)


def parse_ranges(words: list[str]) -> dict[str, tuple[float, float]]:
    """Return ranges of parameters from ``NAME=LOW:HIGH``."""
    ranges: dict[str, tuple[float, float]] = {}
    for word in words:
        name, equals, ends = word.partition("=")
        low, colon, high = ends.partition(":")
        try:
            if not (name and equals and colon):
                raise ValueError
            ranges[name] = (float(low), float(high))
        except ValueError:
            raise InputError(
                "--range", "range", found=repr(word), expected="NAME=LOW:HIGH"
            ) from None
    return ranges


def first_parameter(signal: str) -> str:
    """Return the parameter that a signal is known by: its first."""
    from bayesnu.physics.signals import signal_by_tag

    return str(signal_by_tag(signal).parameters[0].name)
