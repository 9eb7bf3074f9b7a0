"""What is known of the quality of a posterior, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ParameterDiagnostics:
    """How well one parameter was sampled, and what it does to the parameter of interest."""

    name: str
    role: str
    mean: float
    sd: float
    r_hat: float
    ess_bulk: float
    ess_tail: float
    pull: float | None
    """(mean - prior mean) / prior sd, for a Gaussian prior; both of the truncated one."""
    constraint: float | None
    """sd / prior sd: 1 means that the data say nothing."""
    impact: float
    """By how much the parameter of interest moves with one sd of this one."""
    correlation: float
    """With the parameter of interest."""


@dataclass(frozen=True)
class Diagnostics:
    """Diagnostics of a posterior."""

    parameter: str
    """Of interest."""
    parameters: tuple[ParameterDiagnostics, ...]
    divergences: int
    draws: int
    e_bfmi: tuple[float, ...]
    """Energy diagnostic, one for each chain."""
    predictive_p: dict[str, float]
    """For each experiment, the posterior predictive p-value of the deviance."""
    modes: tuple[dict[str, float], ...]
    """Weight and quality of each mode; empty if there is one."""
    power_scaling: tuple[dict[str, Any], ...]
    """ArviZ's sensitivity to power-scaling prior and likelihood."""
    problems: tuple[str, ...]
    """Sentences; empty if all is well."""

    @property
    def fine(self) -> bool:
        """Whether the posterior can be presented as a result."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        head = (
            f"{'parameter':<34}{'mean':>10}{'sd':>10}{'R-hat':>8}{'ESS':>7}{'tail':>7}"
            f"{'pull':>7}{'constr.':>8}{'impact':>10}{'corr.':>7}"
        )
        lines = [head]
        for p in self.parameters:
            pull = f"{p.pull:7.2f}" if p.pull is not None else f"{'-':>7}"
            constraint = f"{p.constraint:8.2f}" if p.constraint is not None else f"{'-':>8}"
            lines.append(
                f"{p.name:<34}{p.mean:>10.4g}{p.sd:>10.3g}{p.r_hat:>8.3f}{p.ess_bulk:>7.0f}"
                f"{p.ess_tail:>7.0f}{pull}{constraint}{p.impact:>10.3g}{p.correlation:>7.2f}"
            )
        lines.append(
            f"{self.draws} draws, {self.divergences} divergences, "
            f"E-BFMI {', '.join(f'{value:.2f}' for value in self.e_bfmi)}"
        )
        lines += [
            f"posterior predictive p of the deviance, {name}: {p:.3f}"
            for name, p in self.predictive_p.items()
        ]
        lines += [
            f"mode {number + 1}: weight {mode['weight']:.4f} +- {mode['weight_error']:.4f}"
            for number, mode in enumerate(self.modes)
        ]
        lines += [
            f"power-scaling of {row['parameter']}: prior {row['prior']:.3f}, "
            f"likelihood {row['likelihood']:.3f} ({row['diagnosis']})"
            for row in self.power_scaling
        ]
        lines += [f"PROBLEM: {text}" for text in self.problems] or ["no problems found"]
        return "\n".join(lines)
