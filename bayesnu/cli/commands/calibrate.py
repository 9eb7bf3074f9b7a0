"""Simulation-based calibration: is the posterior what it says it is?

examples
  bayesnu calibrate xenonnt-2022-er --signal magnetic-moment --simulations 500
  bayesnu calibrate lz-2022-er --signal millicharge --parameter q_ee --simulations 500 --out check
  bayesnu calibrate xenonnt-2022-er --signal charge-radius --parameter r2_ee --range r2_ee=-200:150

Parameters are drawn from the priors, data simulated and fitted again; among the draws of each
posterior the rank of the truth must be uniform. Signals and flat norms of backgrounds get priors
narrow enough to simulate from; the priors are printed. p-values are of empirical distributions
against simultaneous bands; written are calibration.json and calibration.png (the distributions
with 95% bands). Each finished fit is on disk at once, and --resume continues. Exit code 1: not
calibrated.
"""

from __future__ import annotations

import argparse

from bayesnu.cli.options.campaign import (
    add_campaign,
    add_model,
    default_folder,
    first_parameter,
    folder_of,
    likelihood_from,
    parse_ranges,
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
from bayesnu.files.json_text import json_text
from bayesnu.likelihood.held import held, held_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    add_signal(parser)
    for action in parser._actions:
        if action.dest == "parameter":
            action.required = False
            action.help = "for example mu_eff (default: the signal's first)"
    parser.add_argument("--simulations", type=int, default=500, help="how many (500)")
    parser.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="NAME=LOW:HIGH",
        help="prior range of a parameter to simulate from",
    )
    add_model(parser)
    add_campaign(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the simulations, print the p-values, write their files."""
    from bayesnu.campaigns.calibration import calibrate, sensible_priors
    from bayesnu.campaigns.dask_client import client_at
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.files.whole import write_text

    parameter = args.parameter or first_parameter(args.signal)
    folder = default_folder(args.experiments, args.signal, parameter, "calibration")
    out = folder_of(args, folder)
    likelihood = likelihood_from(args, parameter)
    likelihood = sensible_priors(likelihood, parse_ranges(args.range))
    progress = ProgressLine()
    try:
        with client_at(args.dask) as client:
            found = calibrate(
                likelihood,
                args.simulations,
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
        written.append(write_text(out / "calibration.json", json_text(results)))
        if not args.no_plots:
            from bayesnu.output.plots import campaigns as campaign_plots
            from bayesnu.output.plots import style

            figure = campaign_plots.calibration_plot(found)
            written.append(style.save(figure, out / "calibration.png"))
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
    return 0 if found.calibrated else 1
