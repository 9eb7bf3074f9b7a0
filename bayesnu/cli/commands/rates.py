"""Expected counts per bin and component, for any values of the parameters.

examples
  bayesnu rates xenonnt-2022-er
  bayesnu rates xenonnt-2022-er --signal magnetic-moment --set mu_eff=0.64
  bayesnu rates lz-2022-er --signal millicharge --set q_ee=3 --set flux_pp=1.01 --json
  bayesnu rates xenonnt-2022-er --plot rates.png

Nuisances are norms relative to their expectation: --set flux_pp=1.01.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from bayesnu.cli.options import common
from bayesnu.cli.options.projection import add_projection, projected


def configure(parser: argparse.ArgumentParser) -> None:
    common.add_experiments(parser)
    common.add_signal_name(parser, help="default: the Standard Model")
    words = "value of a parameter in its unit, or of a nuisance; can be repeated"
    common.add_pairs(parser, "--set", "NAME=VALUE", words)
    common.add_plot(parser)
    add_projection(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) expected counts."""
    from bayesnu.analyses.question import signal_of
    from bayesnu.analyses.rates import rates

    values = common.parse_values(args.set)
    experiments, observed = projected(args, args.signal)
    signal = signal_of(args.signal, experiments) if args.signal else None
    results = [rates(experiment, signal, values) for experiment in experiments]
    if observed is not None:
        results = [replace(result, observed=observed[result.experiment]) for result in results]
    if args.json:
        common.print_json([result.to_dict() for result in results])
    else:
        print("\n\n".join(str(result) for result in results))
    if args.plot is not None:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.components import draw_components

        for result in results:
            path = args.plot
            if len(results) > 1:
                path = path.with_name(f"{path.stem}_{result.experiment}{path.suffix}")
            style.save(draw_components(result), path)
    return 0
