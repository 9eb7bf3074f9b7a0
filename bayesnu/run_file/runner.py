"""Carry out a run file: step by step, each kept when it is done, into one folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bayesnu.analyses.record import versions
from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import check_writable, refuse_links
from bayesnu.output.earlier import clear_earlier
from bayesnu.run_file.copies import copy_inputs
from bayesnu.run_file.inputs import Context, check_step
from bayesnu.run_file.reading import read_run_file
from bayesnu.run_file.schema import RunFile, Step
from bayesnu.run_file.steps import do_step
from bayesnu.saved.belonging import check_named, digests_of_step
from bayesnu.saved.run_info import RUN_FILE, RUN_JSON, Kind, RunInfo, StepInfo, read_run_info
from bayesnu.types import Progress

WRITTEN = (".json", ".nc", ".png", ".pdf", ".svg")
"""Suffixes of what steps write."""


@dataclass(frozen=True)
class Outcome:
    """A run that is done."""

    folder: Path
    info: RunInfo
    kept: tuple[str, ...]
    """Steps that were there already."""
    repeated: dict[str, bool]
    """For steps that were done before: whether the numbers are the same again."""
    written: tuple[Path, ...]
    """Figures, report, exports."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "folder": str(self.folder),
            "run": self.info.to_dict(),
            "kept": list(self.kept),
            "repeated": dict(self.repeated),
            "written": [str(path) for path in self.written],
        }


def run_analysis(
    path: str | Path,
    out: Path | None = None,
    *,
    resume: bool = False,
    command: str = "",
    progress: Progress | None = None,
) -> Outcome:
    """Carry out a run file.

    Parameters
    ----------
    out : Path, optional
        Folder; default: results/NAME, or the run file's own folder if that is a run's.
    resume : bool
        Keep the steps that are done and whose settings and inputs have not changed.
    command : str
        To be written into run.json.
    progress : callable, optional
        Called with the fraction of the whole run that is done, and a word.

    Raises
    ------
    InputError
        If anything in the run file is wrong; nothing has been computed then.
    KeyboardInterrupt
        After Ctrl-C: what is done is in the folder, and `resume` continues.
    """
    path = Path(path)
    file = read_run_file(path)
    text = path.read_bytes()
    folder = default_folder(path) if out is None else out
    check_writable(folder, (RUN_FILE, RUN_JSON))
    refuse_links(folder)
    earlier = _earlier(folder, text, resume)
    context = Context(file, path.resolve().parent, command)
    steps, inputs = check_analysis(context)
    info = RunInfo(
        title=file.title,
        description=file.description,
        run_file_hash=hashlib.sha256(text).hexdigest(),
        command=command,
        started=_now(),
        finished="",
        seed=file.sampling.seed,
        settings=file.sampling.model_dump(),
        versions=versions(),
        inputs=inputs,
        # Until they are done again, results of the same settings stay listed.
        steps=tuple(s for s in earlier.steps if not s.error and s.key in steps) if earlier else (),
        wanted=len(steps),
    )
    copy_inputs(context, path, folder)
    kept, repeated = [], {}
    report = _Report(progress, len(steps))
    if earlier is not None:
        clear_earlier(folder)
    info.write(folder)
    for number, (key, (kind, step)) in enumerate(steps.items()):
        known = info.step(kind, step.label)
        if known is not None and resume and _is_there(folder, known):
            kept.append(known.folder)
            continue
        report.step(number, f"{kind} {step.label}")
        done = _do(context, StepInfo(kind, step.label, key), step, folder, report)
        if known is not None and not done.error:
            repeated[done.folder] = done.numbers == known.numbers
        info = _with_step(info, done, steps)
        info.write(folder)
    report.step(len(steps), "figures and report")
    info = replace(info, finished=_now())
    info.write(folder)
    written = tuple(_outputs(file, folder, report))
    report(1.0, "done")
    return Outcome(folder, info, tuple(kept), repeated, written)


def default_folder(path: Path) -> Path:
    """Return where a run goes: results/NAME, or its own folder if that holds a run."""
    if path.name == RUN_FILE and (path.parent / RUN_JSON).is_file():
        return path.parent
    return Path("results") / path.stem


def check_run_file(path: str | Path) -> list[str]:
    """Check a run file and everything that it names; return its steps."""
    context = Context(read_run_file(path), Path(path).resolve().parent, "")
    steps, _ = check_analysis(context)
    return [f"{kind} {step.label}" for kind, step in steps.values()]


def check_analysis(context: Context) -> tuple[dict[str, tuple[Kind, Step]], dict[str, str]]:
    """Check all steps without computing them.

    Returns
    -------
    steps : dict of str to (str, Step)
        By their keys: hashes of everything that the numbers depend on.
    inputs : dict of str to str
        Digest of each experiment.
    """
    from bayesnu import __version__

    steps: dict[str, tuple[Kind, Step]] = {}
    inputs: dict[str, str] = {}
    sampling = context.file.sampling.model_dump(exclude={"cores"})
    for kind, step in context.file.steps():
        digests = check_step(context, step)
        inputs |= digests
        behind = {
            "kind": kind,
            "step": step.model_dump(),
            "data": context.file.data.model_dump(),
            "sampling": sampling,
            "goodness_toys": context.file.output.goodness_toys if kind == "limit" else 0,
            "impacts": context.file.output.impacts if kind == "limit" else False,
            "inputs": digests,
            "bayesnu": __version__,
        }
        steps[_hash(behind)] = (kind, step)
    return steps, inputs


def _earlier(folder: Path, text: bytes, resume: bool) -> RunInfo | None:
    """Return the run that is in the folder; refuse to overwrite another one."""
    if not (folder / RUN_JSON).is_file():
        return None
    earlier = read_run_info(folder)
    if not resume and earlier.run_file_hash != hashlib.sha256(text).hexdigest():
        raise InputError(
            folder,
            "--out",
            found="a run of another run file",
            expected="a new folder, or --resume to keep the steps that are the same",
        )
    return earlier


def _do(
    context: Context, wanted: StepInfo, step: Step, folder: Path, progress: Progress
) -> StepInfo:
    """Do one step; one that fails does not stop the others."""
    started = time.monotonic()
    place = folder / wanted.folder
    for old in place.glob("*.*"):
        # Results of other settings, and their pictures, must not stay beside new ones.
        if old.suffix in WRITTEN:
            old.unlink()
    try:
        done = do_step(context, step, place, progress)
    except Interrupted:
        raise KeyboardInterrupt from None
    except ComputationError as error:
        seconds = time.monotonic() - started
        return replace(wanted, error=str(error), converged=False, seconds=seconds)
    return replace(
        wanted,
        numbers=_hash(done.numbers),
        converged=done.converged,
        seconds=time.monotonic() - started,
        files=digests_of_step(place),
    )


def _is_there(folder: Path, known: StepInfo) -> bool:
    """Return whether a step's files are those that it wrote: not missing, torn or altered."""
    try:
        check_named(folder / known.folder, known.files, folder / RUN_JSON)
    except (InputError, OSError):
        return False
    return bool(known.files)


def _with_step(info: RunInfo, done: StepInfo, steps: dict[str, tuple[Kind, Step]]) -> RunInfo:
    """Return the run with a step added, in the order of the run file."""
    found = {step.key: step for step in info.steps} | {done.key: done}
    return replace(info, steps=tuple(found[key] for key in steps if key in found))


def _outputs(file: RunFile, folder: Path, progress: Progress) -> Iterator[Path]:
    """Draw figures, write report and exports, all from what is saved."""
    from bayesnu.output.plots import style
    from bayesnu.output.plots.pictures import pictures_of
    from bayesnu.output.report.page import write_report
    from bayesnu.output.tables.export import export_run
    from bayesnu.saved.runs import read_run

    run = read_run(folder)
    pictures = list(pictures_of(run)) if file.output.figures else []
    for number, picture in enumerate(pictures):
        progress(0.5 * number / len(pictures), picture.name)
        made = picture.draw()
        for suffix in file.output.figures:
            yield style.save(made, folder / picture.folder / f"{picture.name}.{suffix}")
    if file.output.report:
        progress(0.6, "report")
        yield write_report(run, folder / "report.html")
    for kind in file.output.exports:
        progress(0.9, kind)
        yield from export_run(run, kind, folder / "exports" / kind)


class _Report:
    """Turns the progress of a step into that of the run: ``2/5 limit mu_eff: sampling``."""

    def __init__(self, progress: Progress | None, steps: int) -> None:
        self._progress: Callable[[float, str], None] = progress or (lambda fraction, word: None)
        self._number, self._steps, self._word = 0, steps + 1, ""

    def step(self, number: int, word: str) -> None:
        self._number, self._word = number, word
        self(0.0, "")

    def __call__(self, fraction: float, word: str) -> None:
        done = (self._number + min(max(fraction, 0.0), 1.0)) / self._steps
        text = f"{self._number + 1}/{self._steps} {self._word}" + (f": {word}" if word else "")
        self._progress(done, text)


def _hash(value: object) -> str:
    return hashlib.sha256(plain_json(value).encode()).hexdigest()[:32]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
