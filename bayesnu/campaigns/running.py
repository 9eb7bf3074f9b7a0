"""How a campaign is run: what every function that starts one passes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

from bayesnu.types import Progress


class Running(TypedDict, total=False):
    """Options of `bayesnu.campaigns.runner.run_campaign`, which explains them."""

    seed: int
    out: str | Path | None
    resume: bool
    cores: int | None
    client: Any
    progress: Progress | None
