"""Where results go by default: a folder of its own for each question."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bayesnu.analyses.question import Question

USUAL = {
    "fit": "one-at-a-time", "level": 0.9, "prior": "flat", "interval": None,
}  # fmt: skip
LONGEST = 150


def result_folder(question: Question, args: argparse.Namespace, kind: str = "") -> Path:
    """Return results/<experiments>/<signal>/<kind><parameter and unusual options>."""
    from bayesnu.experiments.model_files import folder_name

    names = "+".join(folder_name(experiment.path) for experiment in question.experiments)
    asked = question_folder(question.parameter, args)
    return Path("results") / names / question.signal.tag / f"{kind}{asked}"


def question_folder(parameter: str, args: argparse.Namespace, **usual: object) -> str:
    """Return the parameter, and behind it every option that asks another question.

    ``mu_eff`` with the usual options; ``mu_e+m4-0.1+level-0.95`` with others.
    """
    parts = [parameter, *_differences(args, {**USUAL, **usual})]
    name = "+".join(part.replace("/", "_") for part in parts)
    if len(name) <= LONGEST:
        return name
    return f"{name[:LONGEST]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _differences(args: argparse.Namespace, usual: dict[str, object]) -> Iterator[str]:
    for pair in sorted(getattr(args, "set", None) or ()):
        yield pair.replace("=", "-", 1)
    for key in usual:
        value = getattr(args, key, None)
        if value is not None and value != usual[key]:
            shown = f"level-{value!r}" if key == "level" else str(value)
            yield shown.replace(":", "-")
    for level in getattr(args, "more_levels", None) or ():
        yield f"level-{level!r}"
    if given := getattr(args, "prior_range", None):
        yield f"range-{given[0]:g}-{given[1]:g}"
    if getattr(args, "dof", 1) != 1:
        yield f"{args.dof}dof"
    if free := getattr(args, "free", None):
        yield f"free-{'-'.join(sorted(free))}"
    if getattr(args, "asimov", False):
        yield "asimov"
    for key in ("truth", "scale"):
        words = getattr(args, key, None) or ()
        for pair in sorted(word for word in words if isinstance(word, str)):
            yield f"{key}-{pair.replace('=', '-', 1)}"
    if getattr(args, "exposure", None) is not None:
        yield f"{args.exposure!r}ty"
