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

from bayesnu.cli.options import campaign
from bayesnu.cli.options.common import add_experiments, add_json, add_pairs, add_signal


def configure(parser: argparse.ArgumentParser) -> None:
    add_experiments(parser)
    add_signal(parser, all_required=False)
    parser.add_argument("--simulations", type=int, default=500, help="how many (500)")
    words = "prior range of a parameter to simulate from"
    add_pairs(parser, "--range", "NAME=LOW:HIGH", words)
    campaign.add_model(parser)
    campaign.add_campaign(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the simulations, print the p-values, write their files."""
    from bayesnu.campaigns.calibration import calibrate, sensible_priors
    from bayesnu.output.plots.campaigns import calibration_plot

    parameter = args.parameter or campaign.first_parameter(args.signal)
    place = campaign.default_folder(args.experiments, args.signal, parameter, "calibration")
    out = campaign.folder_of(args, place)
    likelihood = campaign.likelihood_from(args, parameter)
    likelihood = sensible_priors(likelihood, campaign.parse_ranges(args.range))
    with campaign.running(args, out) as how:
        settings = campaign.refit_from(args)
        found = calibrate(likelihood, args.simulations, settings=settings, **how)
    pictures = {"calibration": lambda: calibration_plot(found)}
    campaign.tell(args, found, likelihood, out, "calibration", pictures)
    if not found.fits.complete:
        return 130
    return 0 if found.calibrated else 1
