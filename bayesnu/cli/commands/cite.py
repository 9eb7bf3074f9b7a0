"""BibTeX of the data, formulas and software behind a result.

examples
  bayesnu cite results/demo
  bayesnu cite results/demo/posterior.nc > references.bib
  bayesnu cite xenonnt-2022-er lz-2022-er --signal millicharge
  bayesnu cite xenonnt-2022-er@khan-2022 --json

Give what `bayesnu limit`, `sample` or `run` has written (a folder, or a posterior.nc), or
experiments and a signal. Sources of data for which there is no entry are named in comments at
the end.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bayesnu.cli.options.common import (
    add_json,
    add_signal_name,
    complete_experiments,
    print_json,
    with_completer,
)


def configure(parser: argparse.ArgumentParser) -> None:
    action = parser.add_argument(
        "what", nargs="+", metavar="RESULT|EXPERIMENT", help="a result's folder, or experiments"
    )
    with_completer(action, complete_experiments)
    add_signal_name(parser, help="with experiments: also cite its formulas")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the BibTeX entries."""
    from bayesnu.analyses.bibliography import bibliography
    from bayesnu.analyses.question import as_experiments
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.errors import InputError
    from bayesnu.physics.signals import signal_by_tag
    from bayesnu.saved.citations import of_run
    from bayesnu.saved.runs import read_run

    names, signal = list(args.what), args.signal
    saved = [n for n in names if os.path.isdir(n) or n.endswith((".json", ".nc"))]
    if saved:
        if len(names) > 1 or signal:
            raise InputError(
                "cite",
                "RESULT|EXPERIMENT",
                found=" ".join(names + (["--signal"] if signal else [])),
                expected="one result alone, or experiments",
            )
        with from_elsewhere(Path(names[0])):
            result = read_run(names[0])
            found = of_run(result)
            names = list(dict.fromkeys(n for fit in result.fits for n in fit.experiments))
            signal = ", ".join(dict.fromkeys(fit.signal for fit in result.fits)) or None
    else:
        loaded = as_experiments(names)
        model = signal_by_tag(signal) if signal else None
        found = bibliography(loaded, model)
    if args.json:
        print_json([{"experiments": names, "signal": signal, **found.to_dict()}])
    else:
        print(found)
    return 0
