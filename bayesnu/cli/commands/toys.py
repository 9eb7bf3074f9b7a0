"""Pseudo-experiments at chosen true values: coverage, calibrated cuts, expected limits.

examples
  bayesnu toys xenonnt-2022-er --signal magnetic-moment --parameter mu_eff \\
               --truth 0 0.3 0.6 --number 2000 --out toys
  bayesnu toys lz-2022-er --signal millicharge --parameter q_ee --truth 0 --method both
  bayesnu toys xenonnt-2022-er --signal magnetic-moment --parameter mu_eff \\
               --truth 0 0.3 0.6 --number 2000 --out toys --resume --dask tcp://head-node:8786

Each finished toy is on disk at once (fits-*.arrows in --out): Ctrl-C, a killed process or a full
disk lose none, and --resume continues; --number may then be larger. Written are coverage.json,
coverage.png and limits.png.
"""

from __future__ import annotations

import argparse

from bayesnu.cli.options import campaign
from bayesnu.cli.options.common import add_experiments, add_json, add_signal
from bayesnu.cli.options.question import add_asked


def configure(parser: argparse.ArgumentParser) -> None:
    add_experiments(parser)
    add_signal(parser)
    add_asked(parser, "level")
    parser.add_argument(
        "--truth", type=float, nargs="+", action="extend", help="true values, in its unit (0)"
    )
    parser.add_argument("--number", type=int, default=500, help="toys at each true value (500)")
    parser.add_argument(
        "--method",
        choices=("test", "profile", "posterior", "both"),
        default="profile",
        help="Delta chi2 at the truth only; with its interval; credible limit; all",
    )
    campaign.add_model(parser)
    campaign.add_campaign(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the toys, print the coverage, write its files."""
    from bayesnu.campaigns.coverage import toys
    from bayesnu.output.plots.campaigns import coverage_plot, limit_bands

    place = campaign.default_folder(args.experiments, args.signal, args.parameter, "toys")
    out = campaign.folder_of(args, place)
    likelihood = campaign.likelihood_from(args, args.parameter)
    with campaign.running(args, out) as how:
        found = toys(
            likelihood,
            args.parameter,
            args.truth or [0.0],
            args.number,
            level=args.level,
            method=args.method,
            settings=campaign.refit_from(args),
            **how,
        )
    pictures = {"coverage": lambda: coverage_plot(found)} if found.points else {}
    if found.points and (found.points[0].upper or found.points[0].credible_upper):
        pictures["limits"] = lambda: limit_bands(found)
    campaign.tell(args, found, likelihood, out, "coverage", pictures)
    return 0 if found.fits.complete else 130
