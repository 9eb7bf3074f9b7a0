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
from pathlib import Path

from bayesnu.cli.options.common import add_experiments, add_json, add_signal, print_json
from bayesnu.cli.options.projection import add_projection, projected
from bayesnu.likelihood.held import held, held_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    add_signal(parser)
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
    parser.add_argument("--level", type=float, default=0.9, help="confidence level (0.9)")
    parser.add_argument("--dof", type=int, default=1, help="degrees of freedom of the cut: 1, 2")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of another parameter, for example a mass; can be repeated",
    )
    parser.add_argument("--each", action="store_true", help="also each experiment alone")
    parser.add_argument("--check", action="store_true", help="cross-check with iminuit's MINOS")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw it into a file")
    add_projection(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) profiles."""
    from bayesnu.analyses.limit import signal_of
    from bayesnu.analyses.scans import likelihood_of
    from bayesnu.cli.options.common import parse_values, warn
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.inference.cross_check import check_intervals
    from bayesnu.inference.profile import profile
    from bayesnu.likelihood.threshold import threshold
    from bayesnu.results.interval_text import intervals_text

    cut = threshold(args.level, args.dof)
    fixed = parse_values(args.set)
    experiments, observed = projected(args, args.signal, fixed)
    signal = signal_of(args.signal, experiments)
    groups = [experiments]
    if args.each and len(experiments) > 1:
        groups = [(experiment,) for experiment in experiments] + groups
    progress = ProgressLine()
    results, curves, latex, holds = [], {}, "", ""
    try:
        for group in groups:
            likelihood = likelihood_of(
                group,
                signal,
                [args.parameter, *args.free],
                fit=args.fit,
                fixed=fixed,
                observed=observed,
            )
            curve = profile(likelihood, args.parameter, cut=cut, progress=progress)
            holds = held_text(likelihood)
            label = " + ".join(experiment.name for experiment in group)
            curves[label] = curve
            latex = likelihood.parameters[likelihood.index(args.parameter)].latex
            entry = {
                "experiments": [experiment.name for experiment in group],
                "signal": args.signal,
                "parameter": args.parameter,
                "unit": curve.unit,
                "fit": "marginal" if args.free else args.fit,
                "free": args.free,
                **held(likelihood),
                "level": args.level,
                "dof": args.dof,
                "threshold": cut,
                "best_fit": curve.best_fit,
                "chi2_min": curve.chi2_min,
                "minima": list(curve.minima),
                "intervals": [list(interval) for interval in curve.intervals(cut)],
                "notes": list(curve.limit(args.dof, cut).notes),
                "values": curve.values.tolist(),
                "delta_chi2": curve.delta_chi2.tolist(),
            }
            if args.check:
                found = check_intervals(likelihood, curve, cut)
                entry["minos"] = [list(interval) for interval in found]
            results.append(entry)
    finally:
        progress.done()
    warn(note for entry in results for note in entry["notes"])
    if args.json:
        print_json(results)
    else:
        for label, entry in zip(curves, results, strict=True):
            text = intervals_text(tuple((a, b) for a, b in entry["intervals"]))
            print(f"{args.parameter} [{entry['unit']}], {label}{holds}: {text}")
            print(
                f"  Delta chi2 < {cut:.3f} ({args.level:.0%}, {args.dof} dof); best fit "
                f"{entry['best_fit']:.4g}, chi2 {entry['chi2_min']:.2f}; minima at "
                + ", ".join(f"{value:.4g}" for value in entry["minima"])
            )
            if args.check:
                theirs = intervals_text(tuple((a, b) for a, b in entry["minos"]))
                print(f"  MINOS around every minimum: {theirs}")
            for value, delta in zip(entry["values"], entry["delta_chi2"], strict=True):
                print(f"  {value:12.5g} {delta:10.4f}")
    if args.plot is not None:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.scans import Panel, draw_profiles

        style.save(draw_profiles([Panel(curves, latex)], [cut], args.signal), args.plot)
    return 0
