"""``run.json``: how a run was made, and which of its steps are done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from bayesnu.files.checked_json import checked, read_json
from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import write_text

RUN_JSON = "run.json"
RUN_FILE = "analysis.toml"
"""Name of the copy of the run file in a run's folder."""

STEP_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"
"""Names of steps become names of folders."""

Kind = Literal["limit", "profile", "contour", "sample", "exclusion", "sensitivity"]


@dataclass(frozen=True)
class StepInfo:
    """A finished step."""

    kind: Kind
    name: Annotated[str, Field(pattern=STEP_NAME)]
    key: str
    """Hash of everything that its numbers depend on."""
    numbers: str = ""
    """Hash of its numbers."""
    converged: bool = True
    seconds: float = 0.0
    error: str = ""
    """Why it failed; empty if it did not."""
    files: dict[str, str] = field(default_factory=dict)
    """Digests of the files that hold its numbers."""

    @property
    def folder(self) -> str:
        """Name of its folder."""
        return f"{self.kind}-{self.name}"


@dataclass(frozen=True)
class RunInfo:
    """How a run was made."""

    title: str
    description: str
    run_file_hash: str
    """SHA-256 of the run file."""
    command: str
    started: str
    finished: str
    """Date and time, UTC, as `started`; empty as long as steps are missing."""
    seed: int
    settings: dict[str, Any]
    """Of the sampler."""
    versions: dict[str, str]
    inputs: dict[str, str]
    """Digest of each experiment's file and tables."""
    steps: tuple[StepInfo, ...] = ()
    wanted: int = 0
    """Steps that the run file has."""
    format: int = field(default=1)

    @property
    def fine(self) -> bool:
        """Whether every step is done, none has failed, and every posterior converged."""
        return len(self.steps) == self.wanted and all(
            step.converged and not step.error for step in self.steps
        )

    def step(self, kind: str, name: str) -> StepInfo | None:
        """Return a finished step, None if it is not there."""
        return next((s for s in self.steps if (s.kind, s.name) == (kind, name)), None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def write(self, folder: Path) -> Path:
        """Write run.json into a folder."""
        return write_text(folder / RUN_JSON, plain_json(self.to_dict()))


def read_run_info(folder: Path) -> RunInfo:
    """Read the run.json of a folder."""
    path = folder / RUN_JSON
    return checked(RunInfo, read_json(path, "a run.json of `bayesnu run`"), path)
