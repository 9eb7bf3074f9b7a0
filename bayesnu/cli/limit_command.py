"""Credible limit and Delta chi2 limit on a parameter, from one likelihood.

examples
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff
  bayesnu limit xenonnt-2022-er lz-2022-er --signal millicharge --parameter q_ee --fit marginal
  bayesnu limit xenonnt-2022-er@khan-2022 --signal magnetic-moment --parameter mu_e --method profile
  bayesnu limit my.toml --signal charge-radius --parameter r2_eff --level 0.95 --json

A table is printed, and the posterior (posterior.nc, which ArviZ opens), the numbers
(limit.json) and pictures (corner.png, spectrum_*.png, profile.png) are written into a folder:
--out DIR, by default results/<experiments>/<parameter>. With --json, or --no-files, only
where --out is given.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesnu.cli.options import (
    add_experiments,
    add_json,
    add_sampling,
    add_signal,
    print_json,
    settings_from,
)

if TYPE_CHECKING:
    from bayesnu.limits import LimitRun


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    add_signal(parser)
    parser.add_argument("--level", type=float, default=0.9, help="confidence level, credibility")
    parser.add_argument("--dof", type=int, default=1, help="degrees of freedom of the cut: 1, 2")
    parser.add_argument(
        "--fit",
        choices=("one-at-a-time", "marginal"),
        default="one-at-a-time",
        help="the signal's other parameters: zero, or free",
    )
    parser.add_argument(
        "--method", choices=("profile", "posterior", "both"), default="both", help="statements"
    )
    parser.add_argument(
        "--prior",
        choices=("flat", "flat-squared", "log"),
        default="flat",
        help="flat in the parameter, in its square, in its logarithm (above 0.01 units)",
    )
    parser.add_argument("--out", type=Path, help="folder for posterior, numbers and pictures")
    parser.add_argument("--no-files", action="store_true", help="print only, write nothing")
    parser.add_argument("--no-plots", action="store_true", help="write no pictures")
    add_sampling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Compute the limit, print it, write its files."""
    from bayesnu.cli.progress import ProgressLine
    from bayesnu.limits import limit_run

    progress = ProgressLine()
    try:
        result = limit_run(
            args.experiments,
            args.signal,
            args.parameter,
            level=args.level,
            dof=args.dof,
            fit=args.fit,
            method=args.method,
            prior=args.prior,
            settings=settings_from(args),
            progress=progress,
        )
    finally:
        progress.done()
    out = args.out
    if out is None and not (args.json or args.no_files):
        out = default_folder(result)
    written: list[Path] = []
    if out is not None:
        written = write_files(result, out, plots=not args.no_plots, progress=progress)
        progress.done()
    if args.json:
        print_json([result.limit.to_dict()])
    else:
        print(result.limit)
        complete = result.posterior is None or result.posterior.attrs.get("complete", 1)
        if not complete:
            where = out / "posterior.nc" if out is not None else "nowhere (--no-files)"
            print(f"Interrupted: the draws made so far are in {where}.")
        elif written:
            print(f"Written to {out}: {', '.join(path.name for path in written)}.")
    if result.posterior is not None and not result.posterior.attrs.get("complete", 1):
        return 130
    return 0 if result.limit.converged else 1


def default_folder(result: LimitRun) -> Path:
    """Return results/<experiments>/<parameter>."""
    names = "+".join(result.limit.experiments)
    return Path("results") / names / result.limit.parameter


def write_files(result: LimitRun, out: Path, *, plots: bool, progress: Any) -> list[Path]:
    """Write posterior, numbers and pictures; each file appears whole or not at all."""
    from bayesnu.errors import ComputationError

    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [write_text(out / "limit.json", json.dumps(result.limit.to_dict(), indent=2))]
        if result.posterior is not None:
            written.append(write_posterior(result.posterior, out / "posterior.nc"))
        if plots:
            written += write_plots(result, out, progress)
    except OSError as error:
        raise ComputationError(f"{out}: cannot write results: {error.strerror}.") from None
    return written


def write_text(path: Path, text: str) -> Path:
    """Write a text file at once."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text + "\n", encoding="utf-8")
    os.replace(partial, path)
    return path


def write_posterior(tree: Any, path: Path) -> Path:
    """Write a posterior as netCDF at once."""
    partial = path.with_name(f".{path.name}.partial")
    tree.to_netcdf(partial, engine="h5netcdf")
    os.replace(partial, path)
    return path


def write_plots(result: LimitRun, out: Path, progress: Any) -> list[Path]:
    """Draw what the result allows."""
    from bayesnu.output import plots, style

    progress(0.1, "drawing")
    written = [
        style.save(plots.spectrum(result, name), out / f"spectrum_{name}.png")
        for name in result.limit.experiments
    ]
    progress(0.5, "drawing")
    written.append(style.save(plots.profile_with_posterior(result), out / "profile.png"))
    if result.posterior is not None:
        written.append(style.save(plots.corner_plot(result), out / "corner.png"))
    progress(1.0, "drawing")
    return written
