"""Whether the experiments of a combination mean the same parameter, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from bayesnu.results.interval_text import number

TENSION = 0.01
"""Below this p-value a combination says that its experiments disagree."""


@dataclass(frozen=True)
class ParameterGoodness:
    """Parameter goodness of fit: chi2 of the combination above those of its parts."""

    delta_chi2: float
    """It can be below zero by the pulls of shared nuisances, which each part pays."""
    dof: int
    p_value: float | None
    """From a chi2 distribution; None where the parts have no free parameter in common."""
    shared: tuple[str, ...] = ()
    """Nuisances of which each part has its own copy, and the combination one."""
    toys: int = 0
    toy_p_value: float | None = None
    toy_p_error: float | None = None

    @property
    def best_p(self) -> float | None:
        """The p-value of toys, where there are enough of them to tell; else that of chi2."""
        return self.toy_p_value or self.p_value

    @property
    def disagrees(self) -> bool:
        """Whether it is so small that it has to be said."""
        return self.best_p is not None and self.best_p < TENSION

    def verdict(self, parameter: str) -> str:
        """Return one sentence."""
        p = self.best_p
        if p is None:
            return "They have no parameter in common that could differ."
        if not self.disagrees:
            return f"They agree on {parameter} (p = {p_number(p)})."
        return (
            f"They disagree on {parameter} by {number(standard_deviations(p))} standard "
            f"deviations (p = {p_number(p)})."
        )

    def __str__(self) -> str:
        text = f"Delta chi2 {self.delta_chi2:z.2f}, {self.dof} dof"
        if self.p_value is not None:
            text += f", p = {p_number(self.p_value)}"
        if self.toy_p_value is not None and self.toy_p_error is not None:
            p = p_number(self.toy_p_value) if self.toy_p_value else f"< {1.0 / self.toys:.2g}"
            text += f"; by {self.toys} toys p = {p} +- {self.toy_p_error:.1g}"
        return text


def standard_deviations(p_value: float) -> float:
    """Return how many standard deviations, on both sides, a p-value is."""
    from scipy.special import ndtri

    return float(-ndtri(0.5 * max(p_value, 1e-300)))


def p_number(value: float) -> str:
    """Return a p-value with two digits."""
    return f"{value:.2g}" if value < 0.1 else f"{value:.2f}"
