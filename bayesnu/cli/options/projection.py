"""Options of projections: expected data, another exposure, backgrounds of another size."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import add_pairs, parse_values

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bayesnu.experiments.experiment import Experiment


def add_scaling(parser: argparse._ActionsContainer) -> None:
    """Add --scale."""
    words = "a background times a factor (Xe136=0.01); can be repeated"
    add_pairs(parser, "--scale", "COMPONENT=FACTOR", words)


def add_truth(parser: argparse._ActionsContainer) -> None:
    """Add --truth."""
    words = "a parameter or nuisance in the expected data; the others are the Standard Model's"
    add_pairs(parser, "--truth", "NAME=VALUE", words)


def add_projection(parser: argparse.ArgumentParser) -> None:
    """Add --asimov, --truth, --exposure and --scale."""
    group = parser.add_argument_group("projections")
    group.add_argument(
        "--asimov", action="store_true", help="use the expected counts as data (Asimov data)"
    )
    add_truth(group)
    group.add_argument(
        "--exposure", type=float, metavar="T_YR", help="another exposure of the same detector"
    )
    add_scaling(group)


def projected(
    args: argparse.Namespace, signal: str | None, fixed: Mapping[str, float] | None = None
) -> tuple[tuple[Experiment, ...], dict[str, NDArray[np.float64]] | None]:
    """Return the experiments that the options describe, and Asimov data if asked for.

    Parameters
    ----------
    signal : str or None
        That is fitted.
    fixed : mapping, optional
        Parameters that the fit holds; they are true too unless --truth says otherwise.
    """
    from bayesnu.analyses.asimov import asimov
    from bayesnu.analyses.question import as_experiments
    from bayesnu.errors import InputError
    from bayesnu.experiments.projection import project_all

    loaded = as_experiments(args.experiments)
    scale = parse_values(args.scale, "--scale")
    if args.truth and not args.asimov:
        raise InputError("--truth", "data", found="no --asimov", expected="--asimov too")
    changed = project_all(loaded, args.exposure, scale)
    observed = None
    if args.asimov:
        truth = {**(fixed or {}), **parse_values(args.truth, "--truth")}
        observed = asimov(changed, signal, truth)
    return changed, observed
