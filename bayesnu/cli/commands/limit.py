"""Credible limit and Delta chi2 limit on a parameter, from one likelihood.

examples
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff
  bayesnu limit xenonnt-2022-er lz-2022-er --signal millicharge --parameter q_ee --fit marginal
  bayesnu limit xenonnt-2022-er@khan-2022 --signal magnetic-moment --parameter mu_e --method profile
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff --calibrated 1000
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff --toys 1000 --expected
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff --cls --cls-toys 500
  bayesnu limit lz-2022-er --signal magnetic-moment --parameter mu_e --prior half-normal:2
  bayesnu limit my.toml --signal charge-radius --parameter r2_eff --level 0.95 --json
  bayesnu limit my.toml --signal magnetic-moment --parameter mu_eff --interval central
  bayesnu limit darwin-300ty --asimov --signal charge-radius --parameter r2_ee --free r2_mumu
  bayesnu limit xenonnt-2022-er --signal sterile-dipole --parameter mu_e --set m4=0.1
  bayesnu limit xenonnt-2022-er --signal light-mediator --parameter g_vector --free m_mediator
  bayesnu limit lz-2022-er --signal millicharge --parameter q_ee --report --export csv --out q
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff --impacts --report

A table is printed, and the posterior (posterior.nc, which ArviZ opens), the numbers (limit.json;
record.json, from which `bayesnu report`, `plot` and `export` work) and pictures (corner.png,
spectrum_*.png, profile.png) are written into a folder: --out DIR, by default
results/<experiments>/<signal>/<parameter>, and behind the parameter the options that are not
the usual ones, so that another question has another folder: mu_e+m4-0.1+level-0.95. With --json
files are written only where --out is given. Ctrl-C while sampling keeps the draws made so far.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesnu.cli.options.common import (
    add_experiments,
    add_json,
    add_sampling,
    add_signal,
    print_json,
    settings_from,
    warn,
)
from bayesnu.cli.options.projection import add_projection
from bayesnu.cli.options.question import add_any_prior, add_asked, question_from
from bayesnu.output.tables.formats import FORMATS

if TYPE_CHECKING:
    from bayesnu.analyses.limit import LimitRun
    from bayesnu.analyses.question import Question
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.errors import Interrupted
    from bayesnu.results.impacts import Impacts


def configure(parser: argparse.ArgumentParser) -> None:
    add_experiments(parser)
    add_signal(parser)
    parser.add_argument(
        "--level",
        type=float,
        nargs="+",
        default=[0.9],
        help="confidence level, credibility (0.9); others are stated beside the first",
    )
    add_asked(parser, "interval", "accuracy", "dof", "fit", "free", "set")
    add_any_prior(parser)
    parser.add_argument(
        "--method", choices=("profile", "posterior", "both"), default="both", help="statements"
    )
    parser.add_argument(
        "--calibrated",
        type=int,
        metavar="TOYS",
        help="also calibrate the cut with so many toys at each of nine true values",
    )
    parser.add_argument(
        "--toys", type=int, help="also give the p-value of no signal, from so many toys"
    )
    parser.add_argument(
        "--expected",
        type=int,
        nargs="?",
        const=200,
        metavar="TOYS",
        help="also give the median and the band of the limits of toys without a signal (200)",
    )
    parser.add_argument("--cls", action="store_true", help="also the CLs limit on a size")
    parser.add_argument(
        "--cls-toys", type=int, metavar="TOYS", help="CLs by toys, so many at each of nine sizes"
    )
    parser.add_argument(
        "--power-constrained", action="store_true", help="also the power-constrained CLs+b limit"
    )
    parser.add_argument("--out", type=Path, help="folder for posterior, numbers and pictures")
    parser.add_argument("--no-files", action="store_true", help="print only, write nothing")
    parser.add_argument("--no-plots", action="store_true", help="write no pictures")
    parser.add_argument(
        "--impacts",
        action="store_true",
        help="also keep what each nuisance does to the limit, for report and pictures",
    )
    parser.add_argument("--report", action="store_true", help="also write report.html")
    parser.add_argument(
        "--export",
        action="append",
        default=[],
        choices=tuple(FORMATS),
        help="also write tables, into exports/; can be repeated",
    )
    add_projection(parser)
    add_sampling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Compute the limit, print it, write its files."""
    from bayesnu.analyses.limit import limit_run
    from bayesnu.analyses.prior_choice import split_prior
    from bayesnu.cli.options.default_folder import result_folder
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.files.lock import writing_into

    if args.calibrated is not None:
        from bayesnu.analyses.feldman_cousins import check_calibrated

        check_calibrated(args.calibrated, args.dof, args.method)
    args.level, args.more_levels = args.level[0], tuple(dict.fromkeys(args.level[1:]))
    question = question_from(args, [args.parameter])
    base = split_prior(question)[0]
    check_more(base, args)
    fitted = args.method == "profile" and not question.signal.propagates
    if args.impacts or fitted or asks_more(args):
        base.likelihood.polynomial()
    place = args.out or result_folder(question, args)
    writes = args.out is not None or not (args.json or args.no_files)
    stopped: Interrupted | None = None
    progress = ProgressLine()
    with contextlib.ExitStack() as stack:
        stack.callback(progress.done)
        if writes:
            check_files(place)
            stack.enter_context(writing_into(place))
        # Before the draws: what goes wrong here, or is interrupted, costs none of them.
        moved = impacts_of(base, progress) if args.impacts and writes else None
        result = limit_run(
            question, method=args.method, settings=settings_from(args), progress=progress
        )
        result = replace(result, impacts=moved)
        if asks_more(args) and not result.limit.interrupted:
            keep = place if writes else None
            result, stopped = with_more(result, question, args, keep, progress)
        progress.done()
        show(result, args)
        if result.limit.interrupted and not writes and not args.no_files:
            # Draws are not thrown away because somebody pressed Ctrl-C: they get a place anyway.
            stack.enter_context(writing_into(place))
            writes = True
        if writes:
            write_files(result, args, place, progress)
    if result.limit.interrupted:
        say_interrupted(result, place if writes else None)
        return 130
    if stopped is not None:
        print(f"bayesnu: {stopped}", file=sys.stderr)
        return stopped.exit_code
    return 0 if result.limit.fine else 1


def impacts_of(question: Question, progress: ProgressLine) -> Impacts:
    """Return what each nuisance does to the limit."""
    from bayesnu.analyses.impacts import impacts

    return impacts(question, progress=progress)


def check_files(folder: Path) -> None:
    """Refuse a folder that the files could not be written into, before anything is computed."""
    from bayesnu.files.whole import check_writable, refuse_links

    names = ("limit.json", "record.json", "posterior.nc", "profile.png", "corner.png")
    check_writable(folder, names)
    if (folder / "limit.json").exists():
        refuse_links(folder)


def say_interrupted(result: LimitRun, folder: Path | None) -> None:
    """Say on stderr what is kept after Ctrl-C."""
    what = "the draws made so far are" if result.sampled is not None else "no draw could be kept"
    if folder is None:
        where = " not kept (--no-files)" if result.sampled is not None else ""
    else:
        where = (
            f" in {folder / 'posterior.nc'}"
            if result.sampled is not None
            else (f"; the Delta chi2 interval is in {folder / 'limit.json'}")
        )
    print(f"bayesnu: interrupted; {what}{where}.", file=sys.stderr)


def show(result: LimitRun, args: argparse.Namespace) -> None:
    """Print the limit."""
    if hopeless := _hopeless(result):
        print(f"bayesnu: warning: {hopeless}", file=sys.stderr)
    warn(_beside(result))
    if args.json:
        print_json([result.limit.to_dict()])
    else:
        print(result.limit, flush=True)


def asks_more(args: argparse.Namespace) -> bool:
    """Return whether anything was asked for that is added to a limit, of toys or CLs."""
    toys = (args.calibrated, args.toys, args.expected, args.cls_toys)
    return args.cls or args.power_constrained or any(n is not None for n in toys)


def check_more(question: Question, args: argparse.Namespace) -> None:
    """Refuse what cannot be added, before anything is computed."""
    from bayesnu.analyses.limit_by_toys import check_toys

    for option in ("toys", "expected"):
        number = getattr(args, option)
        if number is not None:
            check_toys(f"--{option}", number, args.method)
    if args.cls or args.cls_toys is not None or args.power_constrained:
        from bayesnu.analyses.cls import check_cls

        check_cls(question, args.cls_toys, args.method)


def with_more(
    result: LimitRun,
    question: Question,
    args: argparse.Namespace,
    keep: Path | None,
    progress: Callable[[float, str], None],
) -> tuple[LimitRun, Interrupted | None]:
    """Add what was asked for; after Ctrl-C the limit stays as it is by then, and is written."""
    from bayesnu.analyses.cls import with_cls
    from bayesnu.analyses.feldman_cousins import with_calibrated_cut
    from bayesnu.analyses.limit_by_toys import with_expected, with_toy_p_value
    from bayesnu.campaigns.engines import available_cores
    from bayesnu.errors import Interrupted

    cores = min(args.cores, available_cores())
    how: Any = {"seed": args.seed, "keep": keep, "cores": cores, "progress": progress}
    try:
        if args.toys is not None:
            result = with_toy_p_value(result, args.toys, **how)
        if args.expected is not None:
            result = with_expected(result, question, args.expected, **how)
        if args.cls or args.cls_toys is not None or args.power_constrained:
            constrained = args.power_constrained
            result = with_cls(result, toys=args.cls_toys, power_constrained=constrained, **how)
        if args.calibrated is not None:
            result = with_calibrated_cut(result, args.calibrated, **how)
    except Interrupted as error:
        return result, error
    return result, None


def _beside(result: LimitRun) -> tuple[str, ...]:
    """Return what has to be said of the fit: parameters at an end of their range."""
    if result.limit.frequentist is not None:
        return result.limit.frequentist.notes
    if result.limit.route == "graph":
        return ()
    from bayesnu.inference.minima import at_ends, find_minima

    return at_ends(result.likelihood, find_minima(result.likelihood)[0])


HOPELESS = 1e-6
"""Below this chance of a worse chi2, a limit says more about the model than about nature."""


def _hopeless(result: LimitRun) -> str:
    """Return a sentence if the best fit does not describe the data."""
    if result.profile is None:
        return ""
    from scipy.special import chdtrc

    # With the pulls, which the goodness of fit leaves out: nuisances far off may hide a misfit.
    chi2, bins = result.profile.chi2_min, len(result.likelihood.observed)
    if chdtrc(bins, max(chi2, 0.0)) > HOPELESS:
        return ""
    return (
        f"chi2 is {chi2:.4g} for {bins} bins: the model does not describe these data, and the "
        "limit means little; `bayesnu rates` shows where."
    )


def write_files(
    result: LimitRun, args: argparse.Namespace, out: Path, progress: ProgressLine
) -> None:
    """Write the numbers, then draw: that takes longer than sampling. The limit has been shown by
    now, whatever becomes of its files. Pictures of an earlier run do not stay."""
    from bayesnu.analyses.record import record_of
    from bayesnu.cli.options.common import written_text
    from bayesnu.output.limit_files import draw_limit_files, write_limit

    record = record_of(result, settings_from(args), command=args.command_line, asimov=args.asimov)
    written = write_limit(record, result.posterior, out)
    if not args.no_plots:
        progress(0.5, "drawing")
        written += draw_limit_files(record, result.columns, out)
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
