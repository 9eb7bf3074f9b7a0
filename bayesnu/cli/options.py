"""Options that several commands share."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add_experiments(parser: argparse.ArgumentParser, *, many: bool = True) -> None:
    """Add the experiment argument."""
    parser.add_argument(
        "experiments" if many else "experiment",
        nargs="+" if many else None,
        metavar="EXPERIMENT",
        help="a name from `bayesnu list`, or the path of a TOML file"
        + ("; several are combined" if many else ""),
    )


def add_signal(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add --signal and --parameter."""
    parser.add_argument("--signal", required=required, help="for example magnetic-moment")
    parser.add_argument("--parameter", required=required, help="for example mu_eff")


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sampler."""
    group = parser.add_argument_group("sampling")
    group.add_argument("--draws", type=int, default=1000, help="draws kept per chain (1000)")
    group.add_argument("--tune", type=int, default=500, help="tuning draws per chain (500)")
    group.add_argument("--chains", type=int, default=4, help="chains (4)")
    group.add_argument("--cores", type=int, default=2, help="chains at the same time (2)")
    group.add_argument("--seed", type=int, default=1, help="seed (1): same seed, same draws")
    group.add_argument(
        "--backend",
        choices=("kernel", "pymc"),
        default="kernel",
        help="kernel: compiled likelihood, fast; pymc: the PyMC model itself, the same density",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument(
        "--json", action="store_true", help="print machine-readable JSON and nothing else"
    )


def settings_from(args: argparse.Namespace) -> Any:
    """Return the sampler's settings from the options."""
    from bayesnu.inference.posterior import Settings

    return Settings(
        draws=args.draws,
        tune=args.tune,
        chains=args.chains,
        cores=args.cores,
        seed=args.seed,
        backend=args.backend,
    )


def print_json(results: list[dict[str, Any]]) -> None:
    """Print results as JSON; numbers are numbers, infinities are null."""
    json.dump({"results": _finite(results)}, sys.stdout, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "tolist"):
        return _finite(value.tolist())
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return None
    return value
