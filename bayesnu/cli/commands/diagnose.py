"""Can a saved posterior be trusted, and which nuisances matter?

examples
  bayesnu diagnose results/xenonnt-2022-er/magnetic-moment/mu_eff/posterior.nc
  bayesnu diagnose results/sample --parameter q_ee --out results/sample
  bayesnu diagnose posterior.nc --json

R-hat, ESS, divergences and energy; pulls, and the impact of each nuisance on the parameter of
interest; posterior predictive p-value of each experiment; ArviZ's power-scaling sensitivity.
With --out: pulls.png, ranks.png, predictive_*.png.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options.common import add_json, print_json


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("posterior", type=Path, help="a posterior.nc, or the folder that holds it")
    parser.add_argument("--parameter", help="of interest; default: the first of the signal")
    parser.add_argument("--out", type=Path, help="folder for pictures")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) the diagnostics; exit with 1 if there are problems."""
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.inference.diagnostics import diagnose
    from bayesnu.inference.storage import read_posterior

    with from_elsewhere(args.posterior):
        tree = read_posterior(args.posterior)
        report = diagnose(tree, args.parameter)
        if args.out is not None:
            from bayesnu.output.plots import style
            from bayesnu.output.plots.diagnostics import draw_predictive, draw_pulls, draw_ranks

            signals = tuple(p.name for p in report.parameters if p.role == "signal")
            style.save(draw_pulls(report), args.out / "pulls.png")
            style.save(draw_ranks(tree, signals or (report.parameter,)), args.out / "ranks.png")
            for name in report.predictive_p:
                style.save(draw_predictive(tree, name), args.out / f"predictive_{name}.png")
    if args.json:
        print_json([report.to_dict()])
    else:
        print(report)
    return 0 if report.fine else 1
