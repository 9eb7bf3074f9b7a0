"""The command line: thin calls of the Python functions of the same names."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from bayesnu import __version__
from bayesnu.cli.streams import finish, mend_streams
from bayesnu.errors import BayesnuError, Interrupted
from bayesnu.interrupt import remembered

COMMANDS = {
    "list": "experiments and signals",
    "show": "what an experiment is: data, response, backgrounds, sources",
    "validate": "check an experiment file",
    "rates": "expected counts per bin and component",
    "limit": "credible limit and Delta chi2 limit on a parameter",
    "profile": "Delta chi2 profile of a parameter",
    "contour": "Delta chi2 region of two parameters",
    "sensitivity": "expected limit against exposure, for projections",
    "sample": "sample a posterior and save it",
    "impacts": "what each nuisance does to a limit",
    "compare": "do the experiments of a combination agree on a parameter",
    "priors": "what the prior does to a credible limit",
    "reproduce": "the limits of a paper, recomputed beside the published ones",
    "diagnose": "can a saved posterior be trusted, and which nuisances matter",
    "toys": "pseudo-experiments: coverage, cuts, expected limits",
    "calibrate": "simulation-based calibration of a posterior",
    "run": "a whole analysis from one file",
    "archive": "a run as one zip file that can be repeated",
    "report": "one HTML page about a result",
    "plot": "the pictures of a saved result, drawn again",
    "export": "tables of a result, or a likelihood (pyhf, HS3, npz)",
    "published": "published limits on a parameter, and what can be compared",
    "compare-limits": "a figure of limits: ours beside the published ones",
    "cite": "BibTeX of the data, formulas and software behind a result",
    "schema": "JSON Schema of experiment files and run files, for editors",
}

EPILOG = """\
examples
  bayesnu list
  bayesnu show xenonnt-2022-er
  bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff

`bayesnu COMMAND --help` explains a command by examples.
Exit codes: 0 fine, 1 a computation failed or did not converge, 2 wrong input, 130 Ctrl-C.
"""


ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
"""The matrices are small: several threads of linear algebra wait for each other, and for the
chains, ten times longer than one takes."""


INTERRUPTED = Interrupted.exit_code
"""Exit code after Ctrl-C, as shells count it: 128 and the signal's number."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit with 2."""
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` explains.\n")


def _module(command: str) -> ModuleType:
    return importlib.import_module(f"bayesnu.cli.commands.{command.replace('-', '_')}")


def build_parser(command: str | None = None) -> Parser:
    """Return the parser; only the named command's options are filled in (for speed)."""
    parser = Parser(
        prog="bayesnu",
        description="What solar neutrinos in xenon detectors say about the neutrino's "
        "electromagnetic properties.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"bayesnu {__version__}")
    parser.add_argument(
        "--traceback", action="store_true", help="show the Python traceback of an error"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, summary in COMMANDS.items():
        module = _module(name) if command in (None, name) else None
        sub = commands.add_parser(
            name,
            help=summary,
            description=(module.__doc__ or summary) if module else summary,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if module:
            module.configure(sub)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if arguments is not None:
        return _guarded(list(arguments), own_process=False)
    mend_streams()
    try:
        code = finish(_guarded(sys.argv[1:], own_process=True))
    except SystemExit as end:  # argparse's: help and wrong words
        raise SystemExit(finish(end.code if isinstance(end.code, int) else 0)) from None
    # Nothing is left to interrupt but the end itself. If a KeyboardInterrupt has gone through an
    # exec on its way here, Python kills itself at the end, and the exit code would be another.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    gc.freeze()  # collecting at the end what the end frees anyway takes half a second
    return code


def _guarded(words: list[str], own_process: bool) -> int:
    """Run a command; what ends it becomes a sentence and an exit code."""
    with remembered() as ctrl_c:
        try:
            code = _run(words, own_process)
        except BayesnuError as error:
            if "--traceback" in words:
                raise
            print(f"bayesnu: {error}", file=sys.stderr)
            return INTERRUPTED if ctrl_c.pressed else error.exit_code
        except KeyboardInterrupt:
            print("bayesnu: interrupted.", file=sys.stderr)
            return INTERRUPTED
        except Exception:
            # Compiled code, and modules that are half imported, make other errors of Ctrl-C.
            if not ctrl_c.pressed or "--traceback" in words:
                raise
            code = 1
    if ctrl_c.pressed and code != INTERRUPTED:
        print("bayesnu: interrupted.", file=sys.stderr)
        return INTERRUPTED
    return code


def _run(words: list[str], own_process: bool) -> int:
    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")  # read when NumPy is imported
    if "_ARGCOMPLETE" in os.environ:
        words = os.environ.get("COMP_LINE", "").split()
    command = next((word for word in words if word in COMMANDS), "")
    parser = build_parser(command)
    if "_ARGCOMPLETE" in os.environ:
        _complete(parser)
    args = parser.parse_args(words)
    args.command_line = shlex.join(["bayesnu", *words])
    if not args.command:
        parser.print_help()
        return 2
    if own_process:
        from bayesnu.cli.current_folder import check_current_folder

        check_current_folder()
        if not getattr(args, "dask", None):
            _without_dask()
    if getattr(args, "plot", None) or getattr(args, "figures", None):
        _check_pictures(args)
    if getattr(args, "charges", None) is not None:
        from bayesnu.cli.options.common import name_charges

        name_charges(args)
    return int(_module(args.command).run(args))


def _check_pictures(args: argparse.Namespace) -> None:
    """Refuse a place where pictures cannot be written, before anything is computed."""
    from bayesnu.files.whole import check_writable

    if getattr(args, "figures", None):
        check_writable(args.figures)
    else:
        from bayesnu.output.plots.style import check_format

        check_format(args.plot)
        check_writable(args.plot.parent, [args.plot.name])


def _without_dask() -> None:
    """Let this process do without dask: wherever it is installed, xarray imports all of it (more
    than half a second) to see whether an array is one of dask's."""
    sys.modules.setdefault("dask", None)  # type: ignore[arg-type]


def _complete(parser: Parser) -> None:
    """Answer a shell that asks for completions (the extra `completion`), and exit."""
    try:
        import argcomplete
    except ImportError:
        raise SystemExit(1) from None
    argcomplete.autocomplete(parser)
