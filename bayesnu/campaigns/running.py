"""How a campaign is run: what every function that starts one passes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

from bayesnu.campaigns.task import digest
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Progress


class Running(TypedDict, total=False):
    """Options of `bayesnu.campaigns.runner.run_campaign`, which explains them."""

    seed: int
    out: str | Path | None
    resume: bool
    cores: int | None
    client: Any
    progress: Progress | None


def kept_in(keep: str | Path | None, likelihood: Likelihood, level: float, seed: int) -> Running:
    """Return where toys go on: in a folder inside, named after what they depend on."""
    if keep is None:
        return {"seed": seed}
    name = f"toys-{digest(likelihood)}-{level:g}-{seed}"
    return {"seed": seed, "out": Path(keep) / name, "resume": True}
