"""Delta chi2 profile of a parameter, nuisances (and other parameters) fitted at every point.

examples
  bayesnu profile xenonnt-2022-er --signal millicharge --parameter q_ee
  bayesnu profile xenonnt-2022-er lz-2022-er --each --signal magnetic-moment --parameter mu_eff \\
                  --plot profile.png
  bayesnu profile xenonnt-2022-er --signal charge-radius --parameter r2_ee --check
  bayesnu profile xenonnt-2022-er --signal sterile-dipole --parameter mu_e --set m4=0.1
  bayesnu profile darwin-300ty --asimov --signal charge-radius --parameter r2_ee --free r2_mumu

Several experiments are combined; with --each, every one is also profiled alone.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bayesnu.cli.options import common
from bayesnu.cli.options.projection import add_projection
from bayesnu.cli.options.question import add_asked, question_from

if TYPE_CHECKING:
    from bayesnu.results.curve import Profile


def configure(parser: argparse.ArgumentParser) -> None:
    common.add_experiments(parser)
    common.add_signal(parser)
    add_asked(parser, "level", "dof", "fit", "free", "set")
    parser.add_argument("--each", action="store_true", help="also each experiment alone")
    parser.add_argument("--check", action="store_true", help="cross-check with iminuit's MINOS")
    common.add_plot(parser)
    add_projection(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) profiles."""
    from bayesnu.analyses.scans import profile_scan, with_each
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.inference.cross_check import check_intervals
    from bayesnu.likelihood.threshold import threshold

    cut = threshold(args.level, args.dof)
    questions = with_each(question_from(args, [args.parameter]), args.each)
    curves: list[Profile] = []
    more: list[dict[str, Any]] = []
    with ProgressLine() as progress:
        for question in questions:
            curve = profile_scan(question, progress=progress)
            curve.limit(args.dof, cut)  # there is one, or a reason why not
            curves.append(curve)
            checked = check_intervals(question.likelihood, curve, cut) if args.check else ()
            more.append({"minos": [list(ends) for ends in checked]} if checked else {})
    common.warn(note for curve in curves for note in curve.notes)
    if args.json:
        common.print_json(
            [{**curve.to_dict(), **said} for curve, said in zip(curves, more, strict=True)]
        )
    else:
        show(curves, more, args)
    if args.plot is not None:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.scans import Panel, draw_profiles

        panel = Panel({curve.label: curve for curve in curves}, curves[0].latex)
        style.save(draw_profiles([panel], [cut], args.signal), args.plot)
    return 0


def show(curves: list[Profile], more: list[dict[str, Any]], args: argparse.Namespace) -> None:
    """Print intervals, best fits and the curves."""
    from bayesnu.likelihood.threshold import threshold
    from bayesnu.results.interval_text import intervals_text

    cut = threshold(args.level, args.dof)
    for curve, said in zip(curves, more, strict=True):
        text = intervals_text(curve.below)
        print(f"{args.parameter} [{curve.unit}], {curve.label}{curve.held}: {text}")
        print(
            f"  Delta chi2 < {cut:.3f} ({args.level:.0%}, {args.dof} dof); best fit "
            f"{curve.best_fit:.4g}, chi2 {curve.chi2_min:.2f}; minima at "
            + ", ".join(f"{value:.4g}" for value in curve.minima)
        )
        if said:
            theirs = intervals_text(tuple((a, b) for a, b in said["minos"]))
            print(f"  MINOS around every minimum: {theirs}")
        for value, delta in zip(curve.values, curve.delta_chi2, strict=True):
            print(f"  {value:12.5g} {delta:10.4f}")
