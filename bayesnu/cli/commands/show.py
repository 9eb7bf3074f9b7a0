"""What an experiment is: data, response, backgrounds with priors, sources and their trust.

examples
  bayesnu show xenonnt-2022-er
  bayesnu show xenonnt-2022-er --plot xenonnt.png
  bayesnu show xenonnt-2022-er --plot x.png --signal magnetic-moment --parameter mu_eff
  bayesnu show my.toml --json

Trust labels: official (the collaboration's release), vector (read from a vector figure),
digitised (read off a plot), derived (computed), recalled (from memory of a paper), user.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import (
    add_experiments,
    add_json,
    add_plot,
    add_signal_name,
    print_json,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bayesnu.results.description import Description


def configure(parser: argparse.ArgumentParser) -> None:
    add_experiments(parser, many=False)
    add_signal_name(parser, help="draw this signal at its Delta chi2 limit")
    parser.add_argument("--parameter", help="of the signal")
    parser.add_argument("--toys", type=int, default=300, help="toys behind the p-value; 0: none")
    add_plot(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) one experiment."""
    from bayesnu.analyses.description import describe

    page = describe(args.experiment, toys=args.toys)
    if args.plot is not None:
        from bayesnu.output.plots import style

        style.save(_picture(args, page), args.plot)
    if args.json:
        print_json([page.to_dict()])
    else:
        print(page)
    return 0


def _picture(args: argparse.Namespace, page: Description) -> Figure:
    """Draw data and components; with a signal, the best fit and the signal at its limit."""
    from bayesnu.errors import InputError

    if args.signal is None:
        from bayesnu.output.plots.components import draw_components

        assert page.expectation is not None
        return draw_components(page.expectation, title=page.title, labels=page.labels)
    if args.parameter is None:
        raise InputError("--parameter", "name", found="nothing", expected="one of the signal's")
    from bayesnu.analyses.limit import limit_run
    from bayesnu.analyses.record import spectrum_of
    from bayesnu.output.plots.limit import draw_spectrum

    run = limit_run([args.experiment], args.signal, args.parameter, method="profile")
    return draw_spectrum(spectrum_of(run, page.name))
