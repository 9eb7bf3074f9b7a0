"""Draw the pictures of a saved result again; nothing is fitted.

examples
  bayesnu plot results/demo
  bayesnu plot results/demo --kind profile --out profile.pdf
  bayesnu plot results/demo --kind corner --kind trace
  bayesnu plot results/moments --kind spectrum --step limit-mu_eff --out figures

RESULT is what `bayesnu limit`, `sample` or `run` has written: a folder, or a posterior.nc. The
kinds are spectrum, profile, calibrated, corner, trace, rank, pulls, predictive, impacts, contour,
exclusion and sensitivity; without --kind all that the result allows are drawn. --out is a file
if one picture is drawn (its suffix says the format: png, pdf, svg), else a folder; by default the
pictures go into the result's folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options.common import add_result
from bayesnu.output.plots.kinds import KINDS


def configure(parser: argparse.ArgumentParser) -> None:
    add_result(parser)
    parser.add_argument(
        "--kind", action="append", choices=KINDS, help="what to draw; can be repeated (all)"
    )
    parser.add_argument("--step", help="of a run: only this step's, for example limit-mu_eff")
    parser.add_argument("-o", "--out", type=Path, help="a file, or a folder")
    parser.add_argument(
        "--format", choices=("png", "pdf", "svg"), default="png", help="where --out is a folder"
    )


def run(args: argparse.Namespace) -> int:
    """Draw and write the pictures."""
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.errors import InputError
    from bayesnu.output.plots import style
    from bayesnu.output.plots.pictures import pictures_of
    from bayesnu.saved.runs import read_run

    with from_elsewhere(args.result):
        found = read_run(args.result)
        there = list(pictures_of(found))
        chosen = [
            picture
            for picture in there
            if (args.kind is None or picture.kind in args.kind)
            and (args.step is None or picture.folder == args.step)
        ]
        if not chosen:
            kinds = ", ".join(
                sorted({f"{p.kind} ({p.folder})" if p.folder else p.kind for p in there})
            )
            raise InputError(
                args.result, "pictures", found="none of these", expected=kinds or "one"
            )
        single = args.out is not None and args.out.suffix != ""
        if single and len(chosen) > 1:
            names = ", ".join(str(Path(picture.folder) / picture.name) for picture in chosen)
            raise InputError(
                args.out, "--out", found=f"{len(chosen)} pictures: {names}", expected="a folder"
            )
        for picture in chosen:
            path = (args.out or found.folder) / picture.folder / f"{picture.name}.{args.format}"
            print(f"Written to {style.save(picture.draw(), args.out if single else path)}.")
    return 0
