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
from typing import TYPE_CHECKING

from bayesnu.cli.options import common
from bayesnu.cli.options.projection import add_projection
from bayesnu.cli.options.question import add_asked, question_from

if TYPE_CHECKING:
    from bayesnu.results.region import Contour


def configure(parser: argparse.ArgumentParser) -> None:
    common.add_experiments(parser)
    common.add_signal_name(parser, required=True, help="for example charge-radius")
    parser.add_argument("--parameters", required=True, nargs=2, metavar=("X", "Y"), help="the two")
    add_asked(parser, "fit", "dof", "set", dof=2)
    parser.add_argument(
        "--level",
        type=float,
        nargs="+",
        action="extend",
        help="confidence (0.9); several are drawn together",
    )
    parser.add_argument("--points", type=int, default=41, help="grid points on each axis (41)")
    parser.add_argument("--each", action="store_true", help="also each experiment alone")
    common.add_plot(parser)
    add_projection(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Compute the regions, print what they enclose, draw them."""
    from bayesnu.analyses.scans import contour_scan, with_each
    from bayesnu.cli.options.progress import ProgressLine

    args.level = args.level or [0.9]
    questions = with_each(question_from(args, args.parameters), args.each)
    regions: list[Contour] = []
    with ProgressLine() as progress:
        for question in questions:
            regions.append(
                contour_scan(
                    question, levels=args.level, points=args.points, dof=args.dof, progress=progress
                )
            )
    common.warn(note for region in regions for note in region.notes)
    if args.json:
        common.print_json([region.to_dict() for region in regions])
    else:
        show(regions, args)
    if args.plot is not None:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.scans import draw_contours

        levels = ", ".join(f"{level:.3g}" for level in args.level)
        title = f"{args.signal}, {levels}, {args.dof} dof"
        named = {region.label: region for region in regions}
        style.save(draw_contours(named, regions[0].latex, title), args.plot)
    return 0


def show(regions: list[Contour], args: argparse.Namespace) -> None:
    """Print best fits and what the regions enclose."""
    first, second = args.parameters
    for region in regions:
        units = region.units
        print(
            f"{region.label}{region.held}: best fit {first} = {region.best_fit[0]:.4g} "
            f"[{units[0]}], {second} = {region.best_fit[1]:.4g} [{units[1]}], "
            f"chi2 {region.chi2_min:.2f}"
        )
        for level, cut in zip(args.level, region.cuts, strict=True):
            (left, right), (low, high) = region.reach(cut)
            print(
                f"  {level:.3g}, Delta chi2 < {cut:.3f}: {first} in ({left:.4g}, "
                f"{right:.4g}), {second} in ({low:.4g}, {high:.4g}), "
                f"area {region.area(cut):.4g}, {len(region.lines(cut))} closed line(s)"
            )
