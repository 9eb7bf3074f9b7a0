"""What each nuisance does to a limit: pulls, widths, impacts, and what is left if it were known.

examples
  bayesnu impacts xenonnt-2022-er --signal magnetic-moment --parameter mu_eff
  bayesnu impacts xenonnt-2022-er lz-2022-er --signal magnetic-moment --parameter mu_eff \\
                  --plot impacts.png
  bayesnu impacts lz-2022-er --signal millicharge --parameter q_eff --method both --json
  bayesnu impacts xenonnt-2022-er --signal magnetic-moment --parameter mu_eff --spectra fit.csv
  bayesnu impacts darwin-300ty --asimov --signal charge-radius --parameter r2_ee --top 10

A nuisance is held at its best fit plus and minus its width after the fit, and everything else is
fitted again. Of a size (mu_eff) the impact is the change of the upper limit, of other
parameters that of the best fit. Below stands the limit with whole groups known exactly.
`bayesnu limit --impacts` keeps all this with a limit, for `bayesnu report`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import (
    add_experiments,
    add_json,
    add_sampling,
    add_signal,
    print_json,
    settings_from,
)
from bayesnu.cli.options.projection import add_projection
from bayesnu.cli.options.question import add_asked, question_from

if TYPE_CHECKING:
    from bayesnu.results.spectra import FitSpectra


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    add_signal(parser)
    add_asked(parser, "level", "dof", "fit", "free", "set")
    parser.add_argument(
        "--method",
        choices=("profile", "both"),
        default="profile",
        help="both: sample too, and regress the parameter on each nuisance (default: profile)",
    )
    parser.add_argument(
        "--top", type=int, metavar="N", help="only the N largest, in text and picture"
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw it into a file")
    parser.add_argument(
        "--spectra", type=Path, metavar="FILE", help="spectra before and after the fit: PNG or CSV"
    )
    add_projection(parser)
    add_sampling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) impacts."""
    from bayesnu.analyses.impacts import impacts
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.errors import InputError

    if args.spectra is not None and args.spectra.suffix.lower() != ".csv":
        from bayesnu.output.plots import style

        style.check_format(args.spectra)
    if args.top is not None and args.top < 1:
        raise InputError("--top", "N", found=args.top, expected="1 or more")
    progress = ProgressLine()
    try:
        found = impacts(
            question_from(args, [args.parameter]),
            method=args.method,
            settings=settings_from(args),
            progress=progress,
        )
    finally:
        progress.done()
    if args.json:
        print_json([found.to_dict()])
    else:
        print(replace(found, nuisances=found.nuisances[: args.top]))
    if args.plot is not None:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.impacts import draw_impacts

        style.save(draw_impacts(replace(found, nuisances=found.nuisances[: args.top])), args.plot)
    if args.spectra is not None:
        write_spectra(found.spectra, args.spectra)
    return 0


def write_spectra(spectra: Sequence[FitSpectra], path: Path) -> None:
    """Write spectra as a table or as a picture, as the name of the file says."""
    if path.suffix.lower() == ".csv":
        from bayesnu.files.whole import write_text

        header, *rows = spectra[0].rows()
        rows += [row for found in spectra[1:] for row in found.rows()[1:]]
        write_text(path, "\n".join(",".join(row) for row in (header, *rows)) + "\n")
        return
    from bayesnu.output.plots import style
    from bayesnu.output.plots.spectra import draw_fit_spectra

    style.save(draw_fit_spectra(spectra), path)
