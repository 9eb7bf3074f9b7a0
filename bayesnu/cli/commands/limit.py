"""Credible limit and Delta chi2 limit on a parameter, from one likelihood.

examples
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff
  bayesnu limit xenonnt-2022-er lz-2022-er --signal millicharge --parameter q_ee --fit marginal
  bayesnu limit xenonnt-2022-er@khan-2022 --signal magnetic-moment --parameter mu_e --method profile
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff --calibrated 1000
  bayesnu limit my.toml --signal charge-radius --parameter r2_eff --level 0.95 --json
  bayesnu limit darwin-300ty --asimov --signal charge-radius --parameter r2_ee --free r2_mumu
  bayesnu limit xenonnt-2022-er --signal sterile-dipole --parameter mu_e --set m4=0.1
  bayesnu limit lz-2022-er --signal millicharge --parameter q_ee --report --export csv --out q

A table is printed, and the posterior (posterior.nc, which ArviZ opens), the numbers (limit.json;
record.json, from which `bayesnu report`, `plot` and `export` work) and pictures (corner.png,
spectrum_*.png, profile.png) are written into a folder: --out DIR, by default
results/<experiments>/<signal>/<parameter>, and behind the parameter the options that are not
the usual ones, so that another question has another folder: mu_e+m4-0.1+level-0.95. With --json
files are written only where --out is given. Ctrl-C while sampling keeps the draws made so far.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import (
    add_experiments,
    add_json,
    add_sampling,
    add_signal,
    print_json,
    settings_from,
    warn,
)
from bayesnu.cli.options.projection import add_projection, projected

if TYPE_CHECKING:
    from bayesnu.analyses.limit import LimitRun
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.errors import Interrupted


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    add_signal(parser)
    parser.add_argument("--level", type=float, default=0.9, help="confidence level, credibility")
    parser.add_argument("--dof", type=int, default=1, help="degrees of freedom of the cut: 1, 2")
    parser.add_argument(
        "--fit",
        choices=("one-at-a-time", "marginal"),
        default="one-at-a-time",
        help="the signal's other parameters: zero, or free",
    )
    parser.add_argument(
        "--free",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="other parameters of the signal that are free, where not all are",
    )
    parser.add_argument(
        "--method", choices=("profile", "posterior", "both"), default="both", help="statements"
    )
    parser.add_argument(
        "--prior",
        choices=("flat", "flat-squared", "log"),
        default="flat",
        help="flat in the parameter, in its square, in its logarithm (above 0.01 units)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of another parameter of the signal, for example m4=0.1; can be repeated",
    )
    parser.add_argument(
        "--calibrated",
        type=int,
        metavar="TOYS",
        help="also calibrate the cut with so many toys at each of nine true values",
    )
    parser.add_argument("--out", type=Path, help="folder for posterior, numbers and pictures")
    parser.add_argument("--no-files", action="store_true", help="print only, write nothing")
    parser.add_argument("--no-plots", action="store_true", help="write no pictures")
    parser.add_argument("--report", action="store_true", help="also write report.html")
    parser.add_argument(
        "--export",
        action="append",
        default=[],
        choices=("csv", "latex", "hepdata", "json"),
        help="also write tables, into exports/; can be repeated",
    )
    add_projection(parser)
    add_sampling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Compute the limit, print it, write its files."""
    from bayesnu.analyses.limit import limit_run
    from bayesnu.cli.options.common import parse_values
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.files.whole import check_writable

    if args.out is not None:
        check_writable(args.out)
    if args.calibrated is not None:
        from bayesnu.analyses.feldman_cousins import check_calibrated

        check_calibrated(args.calibrated, args.dof, args.method)
    fixed = parse_values(args.set)
    experiments, observed = projected(args, args.signal, fixed)
    stopped: Interrupted | None = None
    progress = ProgressLine()
    try:
        result = limit_run(
            experiments,
            args.signal,
            args.parameter,
            level=args.level,
            dof=args.dof,
            fit=args.fit,
            free=args.free,
            fixed=fixed,
            method=args.method,
            prior=args.prior,
            settings=settings_from(args),
            observed=observed,
            progress=progress,
        )
        complete = result.sampled is None or result.sampled.complete
        if args.calibrated is not None and complete:
            result, stopped = calibrated(result, args, progress)
        out = args.out
        # Draws are not thrown away because somebody pressed Ctrl-C: they get a place anyway.
        if out is None and not args.no_files and not (args.json and complete):
            out = default_folder(result, args)
        if out is None:
            progress.done()
            show(result, args)
        else:
            write_files(result, args, out, progress)
    finally:
        progress.done()
    if not complete:
        where = out / "posterior.nc" if out is not None else "not kept (--no-files)"
        print(f"bayesnu: interrupted; the draws made so far are {where}.", file=sys.stderr)
        return 130
    if stopped is not None:
        print(f"bayesnu: {stopped}", file=sys.stderr)
        return stopped.exit_code
    return 0 if result.limit.fine else 1


def show(result: LimitRun, args: argparse.Namespace) -> None:
    """Print the limit."""
    if hopeless := _hopeless(result):
        print(f"bayesnu: warning: {hopeless}", file=sys.stderr)
    warn(_beside(result))
    if args.json:
        print_json([result.limit.to_dict()])
    else:
        print(result.limit, flush=True)


def calibrated(
    result: LimitRun, args: argparse.Namespace, progress: Callable[[float, str], None]
) -> tuple[LimitRun, Interrupted | None]:
    """Add the calibrated statement; after Ctrl-C the limit stays as it is, and is written."""
    from bayesnu.analyses.feldman_cousins import with_calibrated_cut
    from bayesnu.campaigns.engines import available_cores
    from bayesnu.errors import Interrupted

    keep = args.out or (None if args.json or args.no_files else default_folder(result, args))
    cores = min(args.cores, available_cores())
    try:
        found = with_calibrated_cut(
            result, args.calibrated, seed=args.seed, keep=keep, cores=cores, progress=progress
        )
    except Interrupted as error:
        return result, error
    return found, None


def _beside(result: LimitRun) -> tuple[str, ...]:
    """Return what has to be said of the fit: parameters at an end of their range."""
    if result.limit.frequentist is not None:
        return result.limit.frequentist.notes
    from bayesnu.inference.minima import at_ends, find_minima

    return at_ends(result.likelihood, find_minima(result.likelihood)[0])


HOPELESS = 1e-6
"""Below this chance of a worse chi2, a limit says more about the model than about nature."""


def _hopeless(result: LimitRun) -> str:
    """Return a sentence if the best fit does not describe the data."""
    if result.profile is None:
        return ""
    from scipy.special import chdtrc

    chi2, bins = result.profile.chi2_min, len(result.likelihood.observed)
    if chdtrc(bins, max(chi2, 0.0)) > HOPELESS:
        return ""
    return (
        f"chi2 is {chi2:.4g} for {bins} bins: the model does not describe these data, and the "
        "limit means little; `bayesnu rates` shows where."
    )


def default_folder(result: LimitRun, args: argparse.Namespace) -> Path:
    """Return results/<experiments>/<signal>/<parameter and unusual options>."""
    from bayesnu.cli.options.default_folder import question_folder
    from bayesnu.experiments.model_files import folder_name

    limit = result.limit
    names = "+".join(folder_name(experiment.path) for experiment in result.experiments)
    return Path("results") / names / limit.signal / question_folder(limit.parameter, args)


def write_files(
    result: LimitRun, args: argparse.Namespace, out: Path, progress: ProgressLine
) -> None:
    """Write the numbers, show the limit, draw: drawing takes longer than sampling, and nobody
    has to wait for it. Pictures of an earlier run do not stay."""
    from bayesnu.analyses.record import record_of
    from bayesnu.cli.options.common import written_text
    from bayesnu.output.limit_files import draw_limit_files, write_limit
    from bayesnu.output.plots.columns import columns_of_run

    record = record_of(result, settings_from(args), command=args.command_line, asimov=args.asimov)
    written = write_limit(result, record, out)
    progress.done()
    show(result, args)
    if not args.no_plots:
        progress(0.5, "drawing")
        written += draw_limit_files(record, columns_of_run(result), out)
    if args.report or args.export:
        written += write_pages(args, out)
    progress.done()
    if not args.json:
        print(written_text(written, out))


def write_pages(args: argparse.Namespace, out: Path) -> list[Path]:
    """Write report and exports, from the files that are there now."""
    from bayesnu.output.report.page import write_report
    from bayesnu.output.tables.export import export_run
    from bayesnu.saved.runs import read_run

    saved = read_run(out)
    written = [write_report(saved, out / "report.html")] if args.report else []
    for kind in dict.fromkeys(args.export):
        written += export_run(saved, kind, out / "exports" / kind)
    return written
