"""A whole analysis from one file: limits, scans, posteriors, figures, report and exports.

examples
  bayesnu run analysis.toml
  bayesnu run analysis.toml --out results/moments
  bayesnu run analysis.toml --out results/moments --resume
  bayesnu run results/moments/analysis.toml
  bayesnu run analysis.toml --check
  bayesnu run moments.zip --out again

The run file is explained in docs/run-file.md; `bayesnu schema --run` prints its JSON Schema. The
folder (--out, by default results/NAME) gets everything, with a copy of the run file and run.json,
which says how it was made; running the copy repeats the run and says whether the numbers are the
same. Everything is checked before anything is computed. Finished steps are kept after Ctrl-C;
--resume skips them, unless their settings or inputs have changed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import add_json, print_json

if TYPE_CHECKING:
    from bayesnu.run_file.runner import Outcome


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run_file", type=Path, metavar="RUN_FILE", help="a TOML file, or a zip of `archive`"
    )
    parser.add_argument("--out", type=Path, help="folder (results/NAME)")
    parser.add_argument("--resume", action="store_true", help="keep the steps that are done")
    parser.add_argument("--check", action="store_true", help="check the run file, compute nothing")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Carry out the run file, print its results."""
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.files.lock import writing_into
    from bayesnu.files.whole import check_writable
    from bayesnu.run_file.runner import check_run_file, default_folder, run_analysis

    if args.run_file.suffix == ".zip":
        args.run_file = _unpacked(args)
    if args.check:
        steps = check_run_file(args.run_file)
        if args.json:
            print_json([{"run_file": str(args.run_file), "valid": True, "steps": steps}])
        else:
            print(f"valid: {args.run_file}: {', '.join(steps)}")
        return 0
    folder = args.out or default_folder(args.run_file)
    try:
        check_run_file(args.run_file)  # before a folder is made
        check_writable(folder)
        with ProgressLine() as progress, writing_into(folder):
            outcome = run_analysis(
                args.run_file,
                folder,
                resume=args.resume,
                command=args.command_line,
                progress=progress,
            )
    except KeyboardInterrupt:
        print(
            f"bayesnu: interrupted; finished steps are in {folder}, and --resume continues.",
            file=sys.stderr,
        )
        return 130
    if args.json:
        print_json([outcome.to_dict()])
    else:
        _say(outcome)
    return 0 if outcome.info.fine else 1


def _unpacked(args: argparse.Namespace) -> Path:
    """Unpack an archive into --out, and return the run file in it."""
    from bayesnu.errors import InputError
    from bayesnu.run_file.archive import unpack_archive

    if args.out is None:
        raise InputError(args.run_file, "--out", found="none", expected="a new folder")
    return unpack_archive(args.run_file, args.out)


def _say(outcome: Outcome) -> None:
    """Print limits, what became of every step, and where the files are."""
    from bayesnu.saved.runs import read_run

    for fit in read_run(outcome.folder).fits:
        if fit.limit is not None:
            print(fit.limit)
    for step in outcome.info.steps:
        state = step.error or ("done" if step.converged else "NOT CONVERGED")
        if step.folder in outcome.kept:
            state += ", kept"
        elif step.folder in outcome.repeated:
            same = outcome.repeated[step.folder]
            state += ", the same numbers as before" if same else ", OTHER NUMBERS than before"
        print(f"{step.folder}: {state} ({step.seconds:.1f} s)")
    print(f"Written to {outcome.folder}: {len(outcome.written)} figures, tables and pages.")
