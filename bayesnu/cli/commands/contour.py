"""Delta chi2 region of two parameters; all others are fitted at every point.

examples
  bayesnu contour xenonnt-2022-er --signal millicharge --parameters q_ee q_mumu --plot q.png
  bayesnu contour xenonnt-2022-er lz-2022-er --each --signal magnetic-moment \\
                  --parameters mu_e mu_mu --level 0.683 0.9 --plot mu.png
  bayesnu contour xenonnt-2022-er --signal charge-radius --parameters r2_ee r2_mumu --json
  bayesnu contour darwin-300ty --asimov --signal charge-radius --parameters r2_ee r2_mumu

The region is where Delta chi2 is below the cut for 2 degrees of freedom (4.605 at 90%), or with
--dof 1 for one. Several experiments are combined; --each draws each of them as well.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options.common import add_experiments, add_json, print_json
from bayesnu.cli.options.projection import add_projection, projected
from bayesnu.likelihood.held import held, held_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    parser.add_argument("--signal", required=True, help="for example charge-radius")
    parser.add_argument("--parameters", required=True, nargs=2, metavar=("X", "Y"), help="the two")
    parser.add_argument(
        "--fit",
        choices=("one-at-a-time", "marginal"),
        default="one-at-a-time",
        help="the signal's other parameters: zero, or free",
    )
    parser.add_argument(
        "--level",
        type=float,
        nargs="+",
        action="extend",
        help="confidence (0.9); several are drawn together",
    )
    parser.add_argument("--dof", type=int, default=2, help="degrees of freedom of the cut: 1, 2")
    parser.add_argument("--points", type=int, default=41, help="grid points on each axis (41)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of another parameter, for example a mass; can be repeated",
    )
    parser.add_argument("--each", action="store_true", help="also each experiment alone")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw it into a file")
    add_projection(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Compute the regions, print what they enclose, draw them."""
    from bayesnu.analyses.limit import signal_of
    from bayesnu.analyses.scans import likelihood_of
    from bayesnu.cli.options.common import parse_values, warn
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.inference.contour import contour
    from bayesnu.likelihood.threshold import threshold

    first, second = args.parameters
    args.level = args.level or [0.9]
    cuts = tuple(threshold(level, args.dof) for level in args.level)
    fixed = parse_values(args.set)
    experiments, observed = projected(args, args.signal, fixed)
    signal = signal_of(args.signal, experiments)
    groups = [experiments]
    if args.each and len(experiments) > 1:
        groups = [(experiment,) for experiment in experiments] + groups
    progress = ProgressLine()
    regions, latex, holds, values = {}, ("", ""), "", {}
    try:
        for group in groups:
            likelihood = likelihood_of(
                group,
                signal,
                args.parameters,
                fit=args.fit,
                fixed=fixed,
                observed=observed,
            )
            label = " + ".join(experiment.name for experiment in group)
            regions[label] = contour(
                likelihood, first, second, cuts=cuts, points=args.points, progress=progress
            )
            holds, values = held_text(likelihood), held(likelihood)
            a, b = (likelihood.parameters[likelihood.index(n)].latex for n in (first, second))
            latex = (a, b)
    finally:
        progress.done()
    warn(note for region in regions.values() for note in region.notes)
    if args.json:
        print_json(
            [
                {
                    "experiments": label.split(" + "),
                    "signal": args.signal,
                    "fit": args.fit,
                    "levels": args.level,
                    "dof": args.dof,
                    **values,
                    **region.to_dict(),
                }
                for label, region in regions.items()
            ]
        )
    else:
        for label, region in regions.items():
            units = region.units
            print(
                f"{label}{holds}: best fit {first} = {region.best_fit[0]:.4g} [{units[0]}], "
                f"{second} = {region.best_fit[1]:.4g} [{units[1]}], chi2 {region.chi2_min:.2f}"
            )
            for level, cut in zip(args.level, cuts, strict=True):
                lines = region.lines(cut)
                reach = [
                    (
                        min(line[:, i].min() for line in lines),
                        max(line[:, i].max() for line in lines),
                    )
                    for i in (0, 1)
                ]
                print(
                    f"  {level:.3g}, Delta chi2 < {cut:.3f}: {first} in ({reach[0][0]:.4g}, "
                    f"{reach[0][1]:.4g}), {second} in ({reach[1][0]:.4g}, {reach[1][1]:.4g}), "
                    f"area {region.area(cut):.4g}, {len(lines)} closed line(s)"
                )
    if args.plot is not None:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.scans import draw_contours

        levels = ", ".join(f"{level:.3g}" for level in args.level)
        title = f"{args.signal}, {levels}, {args.dof} dof"
        style.save(draw_contours(regions, latex, title), args.plot)
    return 0
