"""What the long measurements of campaigns share: the analyses, and the result file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bayesnu import __version__
from bayesnu.analyses.question import likelihood_of
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.papers.inputs import inputs

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "calibration.json"
IMAGES = ROOT / "docs" / "images"

MOMENT = ("xenonnt-2022-er", "magnetic-moment", "mu_eff")
CHARGE = ("lz-2022-er", "millicharge", "q_ee")
RADIUS = ("xenonnt-2022-er", "charge-radius", "r2_ee")


def built(case: Sequence[str]) -> Likelihood:
    """Return the likelihood of (experiment, signal, parameter)."""
    experiment, signal_name, parameter = case
    return likelihood_of([experiment], signal_name, [parameter])


def record(args: argparse.Namespace, part: str, name: str, **numbers: Any) -> None:
    """Print a result and put it into the result file."""
    entry = {
        "date": datetime.now(UTC).date().isoformat(),
        "bayesnu": __version__,
        "nutpie": version("nutpie"),
        "numpy": version("numpy"),
        **numbers,
    }
    if "experiments" in numbers:
        entry["inputs"] = inputs(numbers["experiments"])
    print(json.dumps({f"{part} {name}": entry}), flush=True)
    path = args.results
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found.setdefault(part, {})[name] = entry
    ordered = {key: dict(sorted(found[key].items())) for key in sorted(found)}
    path.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def draw(args: argparse.Namespace, name: str, figure: Any) -> None:
    """Save a picture for the page, small enough for a repository."""
    from PIL import Image

    args.images.mkdir(parents=True, exist_ok=True)
    path = args.images / f"{name}.png"
    figure.savefig(path, dpi=100)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(64)
    small.save(path, optimize=True)
