"""Options that several commands share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bayesnu.files.json_text import json_text
from bayesnu.likelihood.held import held_text

if TYPE_CHECKING:
    from bayesnu.likelihood.likelihood import Likelihood


def with_completer(action: argparse.Action, completer: Any) -> None:
    """Tell argcomplete, if the shell uses it, what can stand here."""
    cast(Any, action).completer = completer


def complete_experiments(prefix: str, **_: Any) -> list[str]:
    """Return the experiments, and TOML files here, that start with `prefix`."""
    from glob import glob

    from bayesnu.experiments.model_files import available

    return [name for name in (*available(), *glob(prefix + "*.toml")) if name.startswith(prefix)]


def complete_signals(prefix: str, **_: Any) -> list[str]:
    """Return the signals that start with `prefix`."""
    from bayesnu.physics.signals import SIGNALS

    return [name for name in SIGNALS if name.startswith(prefix)]


def complete_charges(prefix: str, **_: Any) -> list[str]:
    """Return the charges of gauge bosons that start with `prefix`."""
    from bayesnu.physics.signals import CHARGES

    return [name for name in CHARGES if name.startswith(prefix)]


def complete_parameters(prefix: str, parsed_args: argparse.Namespace, **_: Any) -> list[str]:
    """Return the parameters of the signal that has been named, or of all."""
    from bayesnu.physics.signals import SIGNALS

    tag = getattr(parsed_args, "signal", None)
    signals = [SIGNALS[tag]] if tag in SIGNALS else list(SIGNALS.values())
    names = [parameter.name for make in signals for parameter in make().parameters]
    return [name for name in dict.fromkeys(names) if name.startswith(prefix)]


def add_experiments(parser: argparse.ArgumentParser, *, many: bool = True) -> None:
    """Add the experiment argument."""
    action = parser.add_argument(
        "experiments" if many else "experiment",
        nargs="+" if many else None,
        metavar="EXPERIMENT",
        help="a name from `bayesnu list`, or the path of a TOML file"
        + ("; several are combined" if many else ""),
    )
    with_completer(action, complete_experiments)


def add_signal(parser: argparse.ArgumentParser, *, all_required: bool = True) -> None:
    """Add --signal, --charges and --parameter."""
    add_signal_name(parser, required=True, help="for example magnetic-moment")
    words = "for example mu_eff" + ("" if all_required else " (default: the signal's first)")
    parameter = parser.add_argument("--parameter", required=all_required, help=words)
    with_completer(parameter, complete_parameters)


def add_signal_name(parser: argparse._ActionsContainer, **options: Any) -> None:
    """Add --signal, and --charges, which belong to its name."""
    with_completer(parser.add_argument("--signal", **options), complete_signals)
    words = "with --signal gauge-boson: b-l, b-3l_e, le-lmu, ... (gauge-boson-b-l is the same)"
    with_completer(parser.add_argument("--charges", help=words), complete_charges)


def name_charges(args: argparse.Namespace) -> None:
    """Let --signal name a gauge boson with the charges that are given apart.

    Raises
    ------
    InputError
        If the signal has no charges, or nothing has these.
    """
    from bayesnu.errors import InputError
    from bayesnu.physics.signals import CHARGES, GAUGE_BOSON

    if args.signal != GAUGE_BOSON:
        raise InputError("--charges", "--signal", found=str(args.signal), expected=GAUGE_BOSON)
    if args.charges not in CHARGES:
        expected = " | ".join(CHARGES)
        raise InputError("--charges", "charges", found=repr(args.charges), expected=expected)
    args.signal = f"{GAUGE_BOSON}-{args.charges}"


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sampler."""
    from bayesnu.inference.samplers import SAMPLERS

    group = parser.add_argument_group("sampling")
    group.add_argument("--draws", type=int, default=1000, help="draws kept per chain (1000)")
    group.add_argument("--tune", type=int, default=500, help="tuning draws per chain (500)")
    group.add_argument("--chains", type=int, default=4, help="chains (4)")
    group.add_argument("--cores", type=int, default=4, help="chains at the same time (4)")
    group.add_argument(
        "--seed",
        type=int,
        default=1,
        help="seed (1): same seed, same draws on one kind of processor",
    )
    group.add_argument(
        "--backend",
        choices=tuple(SAMPLERS),
        default="kernel",
        help="; ".join(f"{name}: {sampler.words}" for name, sampler in SAMPLERS.items()),
    )


def add_pairs(parser: argparse._ActionsContainer, option: str, form: str, words: str) -> None:
    """Add an option of the form NAME=VALUE that can be repeated."""
    parser.add_argument(option, action="append", default=[], metavar=form, help=words)


def add_result(parser: argparse.ArgumentParser) -> None:
    """Add the folder, or the posterior.nc, of a saved result."""
    parser.add_argument("result", type=Path, metavar="RESULT", help="a folder, or a posterior.nc")


def add_plot(parser: argparse.ArgumentParser) -> None:
    """Add --plot."""
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw it into a file")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument(
        "--json", action="store_true", help="print machine-readable JSON and nothing else"
    )


def settings_from(args: argparse.Namespace) -> Any:
    """Return the sampler's settings from the options."""
    from bayesnu.errors import InputError
    from bayesnu.inference.settings import Settings

    if not 0 <= args.seed < 2**32:
        raise InputError("sampling", "--seed", found=args.seed, expected="in [0, 2^32)")
    names = ("draws", "tune", "chains", "cores", "seed", "backend")
    return Settings(**{name: getattr(args, name) for name in names})


def warn(sentences: Iterable[str]) -> None:
    """Print what has to be said beside a result, each sentence once."""
    for sentence in dict.fromkeys(sentences):
        print(f"bayesnu: warning: {sentence}.", file=sys.stderr)


def print_json(results: list[dict[str, Any]]) -> None:
    """Print results as JSON."""
    sys.stdout.write(json_text(results))


def parse_values(pairs: list[str], option: str = "--set") -> dict[str, float]:
    """Return NAME=VALUE pairs as numbers."""
    from math import isfinite

    from bayesnu.errors import InputError

    values: dict[str, float] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not equals or not name or not isfinite(value):
            raise InputError(option, name or "value", found=repr(pair), expected="NAME=NUMBER")
        if values.setdefault(name, value) != value:
            raise InputError(option, name, found="two values", expected="one")
    return values


def say_held(likelihood: Likelihood) -> None:
    """Print what a fit holds, if anything."""
    if text := held_text(likelihood):
        print(text.removeprefix(", "))


def written_text(paths: list[Path], folder: Path) -> str:
    """Return the sentence that says which files have been written, each where it is."""
    names = [p.relative_to(folder) if p.is_relative_to(folder) else p for p in paths]
    return f"Written to {folder}: {', '.join(map(str, names))}."
