"""Parts of the documentation site that are generated from the code and the data.

A page holds a comment ``<!-- generated: NAME -->``; while Sphinx reads the page, the comment is
replaced by Markdown from the function of that name below.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from data_index import DATA

import bayesnu
from bayesnu.cli import COMMANDS, build_parser
from bayesnu.files.tables import Table, read_table
from bayesnu.physics.signals.base import Signal

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MARKER = re.compile(r"<!-- generated: ([a-z-]+) -->")

LINKS = {
    "../data/README.md": "data.md",
    "../SECURITY.md": "security.md",
    "../CHANGELOG.md": "changelog.md",
    "examples/my-experiment": "howto/own-experiment.md",
}
"""Where links out of `docs` lead on the site; on a page of the repository they lead to the file."""

MAY_BE_ABSENT = ("calibration.md", "speed.md", "today.md")
"""Pages with long measurements; a link to one that is not there becomes plain text."""

NOTEBOOK_LINK = re.compile(r"\[([^\[\]\n\"]*)\]\(([\w-]+)\.ipynb\)")

WIDTH = 100
"""Columns of the help texts."""

ARXIV = re.compile(r"\barXiv:(\d{4}\.\d{4,5}|[a-z-]+/\d{7})")
DOI = re.compile(r"\bdoi[: ]+(10\.\d{4,}/[^\s,;]+)")


def commands() -> str:
    """Return the help of every command, as the command line prints it."""
    parts = ["```text", _help(build_parser(None)), "```", ""]
    for command in COMMANDS:
        parts += [f"## bayesnu {command}", "", "```text", _help(_command(command)), "```", ""]
    return "\n".join(parts)


def _command(name: str) -> argparse.ArgumentParser:
    parser = build_parser(name)
    (chosen,) = (action for action in parser._actions if action.dest == "command")
    found: argparse.ArgumentParser = dict(chosen.choices or {})[name]  # type: ignore[arg-type]
    return found


def _help(parser: argparse.ArgumentParser) -> str:
    """Return a help text at a fixed width, whatever the terminal."""

    def formatter(prog: str) -> argparse.HelpFormatter:
        return argparse.RawDescriptionHelpFormatter(prog, width=WIDTH)

    parser.formatter_class = formatter  # type: ignore[assignment]
    if hasattr(parser, "color"):
        parser.color = False
    return parser.format_help().rstrip()


def data_tables() -> str:
    """Return every data table with title, source, trust label and note."""
    parts = []
    for folder in sorted(path for path in DATA.iterdir() if path.is_dir()):
        tables = [read_table(path) for path in sorted(folder.rglob("*.csv"))]
        if tables:
            parts += [f"## {folder.name}", ""]
            parts += [_entry(table, folder) for table in tables]
    return "\n".join(parts)


def _entry(table: Table, folder: Path) -> str:
    name = table.path.relative_to(folder).as_posix()
    text = f"{escaped(table.meta['title'])}. *Source:* {linked(table.meta['source'])}."
    for key in ("note", "licence"):
        if table.meta.get(key):
            text += f" *{key.capitalize()}:* {linked(table.meta[key])}"
            text += "" if text.endswith(".") else "."
    return f"`{name}` [{table.trust}]{{.trust .{table.trust}}}\n: {text}\n"


def escaped(text: str) -> str:
    """Return a plain text such that Markdown shows it as it is."""
    return re.sub(r"([\\*_`\[\]<>$|~{}])", r"\\\1", text)


def linked(text: str) -> str:
    """Return a source as Markdown, its arXiv and DOI numbers as links."""
    text = escaped(text).rstrip(".")
    text = ARXIV.sub(r"[\g<0>](https://arxiv.org/abs/\1)", text)
    return DOI.sub(r"[doi:\1](https://doi.org/\1)", text)


API = {
    "Experiments and signals": (
        "available", "load", "Experiment", "rates", "describe", "signal_by_tag", "MagneticMoment",
        "TransitionMoment", "Millicharge", "ChargeRadius", "AnapoleMoment", "SterileDipole",
        "LightMediator", "StandardModel",
    ),
    "Limits": ("limit", "limit_run", "impacts", "compare", "prior_effect", "reproduce"),
    "Likelihood and model": ("likelihood_of", "build_likelihood", "Likelihood", "build_model"),
    "Δχ²": ("profile", "profile_scan", "contour", "contour_scan", "exclusion"),
    "Posterior": (
        "sample", "Settings", "diagnose", "read_posterior", "write_posterior", "joint_posterior",
    ),
    "Projections": ("asimov", "sensitivity"),
    "Many fits": (
        "toys", "calibrate", "calibrated_limit", "sensible_priors", "run_campaign", "Refit",
    ),
    "Fundamental moments": ("effective_moment", "profile_effective_moment"),
    "Errors": ("BayesnuError", "InputError", "ComputationError"),
}  # fmt: skip
"""Public names by subject; one that is missing here stands under "Other"."""

BEHIND = {
    "What a signal is made of": (
        "bayesnu.physics.signals.base.Signal",
        "bayesnu.physics.signals.base.SignalParameter",
        "bayesnu.physics.signals.base.Process",
        "bayesnu.physics.targets.target.Electrons",
        "bayesnu.physics.targets.target.Nucleus",
        "bayesnu.physics.cross_sections.coefficients.Coefficients",
    ),
    "Parameters and priors": (
        "bayesnu.likelihood.likelihood.Parameter",
        "bayesnu.likelihood.priors.Prior",
        "bayesnu.likelihood.priors.flat",
        "bayesnu.likelihood.priors.gaussian",
    ),
    "Beams and moment matrices": (
        "bayesnu.moments.majorana",
        "bayesnu.moments.dirac",
        "bayesnu.moments.from_dipoles",
        "bayesnu.moments.MomentMatrix",
        "bayesnu.moments.Beam",
        "bayesnu.moments.solar",
        "bayesnu.moments.reactor",
        "bayesnu.moments.accelerator",
        "bayesnu.moments.blind_spot",
        "bayesnu.moments.mixing_matrix",
    ),
    "Tables": ("bayesnu.files.tables.read_table", "bayesnu.files.tables.Table"),
}  # fmt: skip
"""What the public functions take, by full name."""


def api() -> str:
    """Return the reference of all public names, and of what they take and return."""
    known = {name for names in API.values() for name in names}
    other = tuple(name for name in bayesnu.__all__ if name not in known | {"__version__"})
    groups = {
        subject: tuple(f"bayesnu.{name}" for name in names if name in bayesnu.__all__)
        for subject, names in {**API, "Other": other}.items()
    }
    shown = {name for names in (*groups.values(), *BEHIND.values()) for name in names}
    shown |= {_full_name(getattr(bayesnu, name)) for name in bayesnu.__all__}
    groups["Results"] = tuple(name for name in result_types() if name not in shown)
    parts = []
    for subject, names in {**groups, **BEHIND}.items():
        if names:
            parts += [f"## {subject}", "", "```{eval-rst}", *map(_directive, names), "```", ""]
    return "\n".join(parts)


def result_types() -> list[str]:
    """Return the full names of the package's classes that public functions return.

    Those that are fields of another one follow it.
    """
    found: dict[str, None] = {}
    waiting = []
    for name in bayesnu.__all__:
        function = getattr(bayesnu, name)
        if inspect.isfunction(function):
            waiting.append((function.__annotations__.get("return", ""), function.__globals__))
    while waiting:
        annotation, names = waiting.pop(0)
        for word in re.findall(r"\w+", str(annotation)):
            kind = names.get(word)
            if not (dataclasses.is_dataclass(kind) and kind.__module__.startswith("bayesnu.")):
                continue
            if _full_name(kind) not in found:
                found[_full_name(kind)] = None
                fields = getattr(kind, "__annotations__", {}).values()
                waiting += [(field, vars(sys.modules[kind.__module__])) for field in fields]
    return list(found)


def _full_name(thing: Any) -> str:
    return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}"


def _directive(name: str) -> str:
    home, _, own = name.rpartition(".")
    found = getattr(importlib.import_module(home), own)
    if isinstance(found, type):
        kind = "exception" if issubclass(found, Exception) else "class"
    else:
        kind = "function"
    # What a signal overrides is of interest to those who write one: in the base class.
    alone = kind == "class" and name.count(".") == 1 and issubclass(found, Signal)
    return f".. auto{kind}:: {name}\n" + ("   :no-members:\n" if alone else "")


def notebooks() -> str:
    """Return the table of contents of the notebooks; nothing if there are none."""
    found = sorted((DOCS / "notebooks").glob("*.ipynb"))
    if not found:
        return "The notebooks are not part of this copy."
    return toctree(f"notebooks/{path.stem}" for path in found)


def measurements() -> str:
    """Return the table of contents of the pages with long measurements that there are."""
    return toctree(Path(name).stem for name in MAY_BE_ABSENT if (DOCS / name).is_file())


def reference() -> str:
    """Return the hidden table of contents of the reference, pages that no other one lists last."""
    listed = {"commands", "file-format", "api", "data", "index", "differences"}
    known = listed | {Path(name).stem for name in MAY_BE_ABSENT}
    index = (DOCS / "index.md").read_text(encoding="utf-8").splitlines()
    others = sorted(path.stem for path in DOCS.glob("*.md") if path.stem not in known)
    pages = ["commands", "file-format", *(name for name in others if name not in index)]
    return toctree([*pages, "api", "data"], ":hidden:", ":caption: Reference")


def toctree(pages: Iterable[str], *options: str) -> str:
    """Return a table of contents in Markdown."""
    return "\n".join(["```{toctree}", ":maxdepth: 1", *options, "", *pages, "```"])


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "data-tables": data_tables,
    "api": api,
    "reference": reference,
    "notebooks": notebooks,
    "measurements": measurements,
}


def fill(app: Any, page: str, source: list[str]) -> None:
    """Put the generated parts into a page, and turn its links to where the site has them."""
    text = MARKER.sub(lambda found: PARTS[found[1]](), source[0])
    for target, on_site in LINKS.items():
        up = "../" * page.count("/")
        text = text.replace(f"]({target})", f"]({up}{on_site})")
    for name in MAY_BE_ABSENT:
        if not (DOCS / name).is_file():
            text = re.sub(rf"\[([^\]]*)\]\((?:\.\./)*{re.escape(name)}\)", r"\1", text)
    if page.startswith("notebooks/"):
        # Sphinx takes relative paths by their real place, which is outside of `docs`.
        text = NOTEBOOK_LINK.sub(_notebook_link, text)
    source[0] = text.replace("[models](../models)", "`models`")


def _notebook_link(found: re.Match[str]) -> str:
    """Return a link to another notebook, or plain text if it is not there."""
    there = (DOCS / f"notebooks/{found[2]}.ipynb").is_file()
    return f"{{doc}}`{found[1]} </notebooks/{found[2]}>`" if there else found[1]


def plain_docstring(
    app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Keep |x| and a_ of formulas in docstrings from being read as markup."""
    for number, line in enumerate(lines):
        parts = line.split("``")
        for place in range(0, len(parts), 2):
            parts[place] = re.sub(r"\||(?<=\w)_(?![\w`])", r"\\\g<0>", parts[place])
        lines[number] = "``".join(parts)


def outdated(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> set[str]:
    """Name the pages with generated parts, which Sphinx is to read again in every build."""
    return {page for page in env.found_docs if MARKER.search(env.doc2path(page).read_text("utf-8"))}
