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

from bayesnu.cli.options.campaign import (
    add_campaign,
    add_model,
    default_folder,
    folder_of,
    likelihood_from,
    refit_from,
    say_interrupted,
)
from bayesnu.cli.options.common import (
    add_experiments,
    add_json,
    add_signal,
    print_json,
    written_text,
)
from bayesnu.cli.options.question import add_asked
from bayesnu.files.json_text import json_text
from bayesnu.likelihood.held import held, held_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
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
    add_model(parser)
    add_campaign(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the toys, print the coverage, write its files."""
    from bayesnu.campaigns.coverage import toys
    from bayesnu.campaigns.dask_client import client_at
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.files.whole import write_text

    out = folder_of(args, default_folder(args.experiments, args.signal, args.parameter, "toys"))
    likelihood = likelihood_from(args, args.parameter)
    progress = ProgressLine()
    try:
        with client_at(args.dask) as client:
            found = toys(
                likelihood,
                args.parameter,
                args.truth or [0.0],
                args.number,
                level=args.level,
                method=args.method,
                settings=refit_from(args),
                seed=args.seed,
                out=out,
                resume=args.resume,
                cores=args.cores,
                client=client,
                progress=progress,
            )
    finally:
        progress.done()
    results = [{**result, **held(likelihood)} for result in found.to_dicts()]
    written = []
    if out is not None:
        written.append(write_text(out / "coverage.json", json_text(results)))
        if not args.no_plots and found.points:
            from bayesnu.output.plots import campaigns as campaign_plots
            from bayesnu.output.plots import style

            written.append(style.save(campaign_plots.coverage_plot(found), out / "coverage.png"))
            if found.points[0].upper or found.points[0].credible_upper:
                written.append(style.save(campaign_plots.limit_bands(found), out / "limits.png"))
    if args.json:
        print_json(results)
    else:
        print(found)
        if text := held_text(likelihood):
            print(text.removeprefix(", "))
        if out is not None:
            print(written_text(written, out))
    if not found.fits.complete:
        say_interrupted(found.fits, out)
        return 130
    return 0
