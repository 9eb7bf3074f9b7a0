"""Options of a question: level, prior, what is free and what is held; and the question itself."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bayesnu.types import INTERVAL_KINDS

if TYPE_CHECKING:
    from bayesnu.analyses.question import Question


def share(text: str) -> float:
    """Return a share that is written as ``1%`` or ``0.01``."""
    number = text.removesuffix("%")
    return float(number) / (100.0 if number != text else 1.0)


OPTIONS: dict[str, dict[str, Any]] = {
    "level": {"type": float, "default": 0.9, "help": "confidence level, credibility (0.9)"},
    "interval": {
        "choices": INTERVAL_KINDS,
        "help": "kind of credible interval (an upper limit on a size, else highest-density)",
    },
    "accuracy": {
        "type": share,
        "metavar": "SHARE",
        "help": "draw until the Monte Carlo error of each credible end is this share of the "
        "interval's width (of an upper limit, of the limit), for example 1%%; a million at most",
    },
    "dof": {"type": int, "default": 1, "help": "degrees of freedom of the cut: 1, 2"},
    "fit": {
        "choices": ("one-at-a-time", "marginal"),
        "default": "one-at-a-time",
        "help": "the signal's other parameters: zero, or free",
    },
    "free": {
        "nargs": "+",
        "action": "extend",
        "default": [],
        "metavar": "NAME",
        "help": "other parameters that are free: some of the signal's, a mass, a mixing angle",
    },
    "prior": {
        "choices": ("flat", "flat-squared", "log", "natural"),
        "default": "flat",
        "help": "flat in the parameter, in its square, in its logarithm (above 0.01 units); "
        "natural: flat in the squares of complex sizes, in all others as they are",
    },
    "prior-range": {
        "type": float,
        "nargs": 2,
        "metavar": ("LOW", "HIGH"),
        "help": "range of the parameter, instead of the usual one; it bounds the profile too",
    },
    "set": {
        "action": "append",
        "default": [],
        "metavar": "NAME=VALUE",
        "help": "value of another parameter of the signal, for example m4=0.1; can be repeated",
    },
}


def add_asked(parser: argparse._ActionsContainer, *names: str, **defaults: Any) -> None:
    """Add some of the options of a question, perhaps with other defaults."""
    for name in names:
        entry = OPTIONS[name]
        changed = {"default": defaults[name]} if name in defaults else {}
        parser.add_argument(f"--{name}", **{**entry, **changed})


def add_any_prior(parser: argparse.ArgumentParser) -> None:
    """Add --prior with all priors that a limit can have, and --prior-range."""
    parser.add_argument(
        "--prior",
        default="flat",
        metavar="PRIOR",
        help="flat, flat-squared, log (above 0.01 units), natural (flat in the squares of complex "
        "sizes), jeffreys, gaussian:CENTRE,WIDTH, half-normal:WIDTH (default: flat)",
    )
    add_asked(parser, "prior-range")


def question_from(args: argparse.Namespace, parameters: Sequence[str] | None) -> Question:
    """Return the question that the options ask; None stands for all parameters of the signal."""
    from bayesnu.analyses.question import Asked, Question, signal_of
    from bayesnu.cli.options.common import parse_values
    from bayesnu.cli.options.projection import projected

    fixed = parse_values(args.set)
    experiments, observed = projected(args, args.signal, fixed)
    signal = signal_of(args.signal, experiments)
    asked: Asked = {"fixed": fixed, "observed": observed}
    if getattr(args, "prior_range", None) is not None:
        low, high = args.prior_range
        asked["prior_range"] = (low, high)
    for name in ("dof", "fit", "free", "prior", "more_levels", "interval", "accuracy"):
        if hasattr(args, name):
            asked[name] = getattr(args, name)
    if isinstance(getattr(args, "level", None), float):
        asked["level"] = args.level
    return Question.of(experiments, signal, parameters or signal.elementary(), **asked)
