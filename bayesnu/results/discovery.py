"""What speaks for a signal: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

from bayesnu.results.interval_text import number, p_text

NOTABLE = 2.0
"""Standard deviations from which on a limit says what speaks for a signal without being asked."""

NOTABLE_CREDIBILITY = 0.9545
"""The same of a credible region that the value without a signal lies outside of."""

CERTAIN = 1e-4
"""Draws say no more than that less than this lies further out."""


@dataclass(frozen=True)
class Discovery:
    """The best fit, and a signal with its prior, against no signal."""

    null: float
    """The parameter's value without a signal; others of the signal that are free stay free."""
    delta_chi2: float | None
    """chi2 there minus that of the best fit; None where there is no profile."""
    significance: float | None = None
    """In standard deviations, sqrt(Delta chi2): one-sided at a boundary, else two-sided. None, as
    `p_value`, where Delta chi2 has no known distribution without a signal."""
    p_value: float | None = None
    """Chance of this Delta chi2 or a larger one without a signal, by its limiting distribution."""
    distribution: str = ""
    """That one, in words."""
    toys: int = 0
    toy_p_value: float | None = None
    """Share of toys without a signal with this Delta chi2 or a larger one."""
    log_bayes_factor: float | None = None
    """ln of the evidence of a signal over that of none; None where there are no draws."""
    log_bayes_factor_error: float | None = None
    """One standard deviation of its Monte Carlo error."""
    log_bayes_factor_most: float | None = None
    """The largest that any prior of this parameter would give."""
    prior: str = ""
    """That of the signal, in words."""
    method: str = ""
    """How the Bayes factor was computed."""
    excluded_at: float | None = None
    """Probability of the region of highest density that just reaches `null`."""

    @property
    def toy_p_value_error(self) -> float | None:
        """Statistical uncertainty of the toys' p-value (binomial; one toy's worth at 0 and 1)."""
        if self.toy_p_value is None:
            return None
        p = min(max(self.toy_p_value, 1.0 / self.toys), 1.0 - 1.0 / self.toys)
        return sqrt(p * (1.0 - p) / self.toys)

    @property
    def matters(self) -> bool:
        """Whether a limit has to say it: something speaks for a signal, or toys were asked for."""
        far = sqrt(self.delta_chi2 or 0.0) >= NOTABLE
        return far or (self.excluded_at or 0.0) >= NOTABLE_CREDIBILITY or self.toys > 0

    def row(self, parameter: str) -> tuple[str, str, str]:
        """Return (statement, number, remark) for tables."""
        statement = f"against {parameter} = {self.null:.4g}"
        found = "-" if self.significance is None else f"{self.significance:.1f} sigma"
        return statement, found, "; ".join([*self._frequentist(), *self._bayesian(parameter)])

    def _frequentist(self) -> list[str]:
        said = []
        if self.delta_chi2 is not None:
            chance = "no p-value without toys"
            if self.p_value is not None:
                chance = f"p = {self.p_value:.2g}" if self.p_value > 1e-300 else "p < 1e-300"
            said.append(f"Delta chi2 {number(self.delta_chi2)}, {chance} ({self.distribution})")
        if self.toy_p_value is not None:
            error = f" +- {self.toy_p_value_error:.1g}" if self.toy_p_value > 0.0 else ""
            said.append(f"toys: {p_text(self.toy_p_value, self.toys)}{error} ({self.toys})")
        return said

    def _bayesian(self, parameter: str) -> list[str]:
        said = []
        if self.excluded_at is not None and self.excluded_at > 0.5:
            at = f"outside the {credibility_text(self.excluded_at)} credible region"
            said.append(f"the posterior has {parameter} = {self.null:.4g} {at}")
        if self.log_bayes_factor is not None and self.log_bayes_factor_error is not None:
            text = factor_text(self.log_bayes_factor, self.log_bayes_factor_error)
            most = ""
            if self.log_bayes_factor_most is not None:
                most = f", at most {factor_text(self.log_bayes_factor_most)} under any prior"
            said.append(f"Bayes factor for it {text} ({self.prior}){most}")
        return said


def credibility_text(share: float) -> str:
    """Return a probability near one with one digit of what is missing: ``99.7%``."""
    missing = 1.0 - share
    if missing < CERTAIN:
        return f"{100.0 * (1.0 - CERTAIN):g}%"
    digits = max(0, -int(log(100.0 * missing) / log(10.0) - 1.0)) if missing < 0.1 else 0
    return f"{100.0 * share:.{digits}f}%"


def factor_text(log_value: float, error: float | None = None) -> str:
    """Return a Bayes factor, given its logarithm and that one's error; huge ones as powers."""
    if abs(log_value) > 12.0:
        around = "" if error is None else f" +- {error:.1g}"
        return f"exp({number(log_value, error)}{around})"
    value = exp(log_value)
    if error is None:
        return f"{value:.2g}" if value < 100.0 else f"{value:.0f}"
    return f"{number(value, error * value)} +- {error * value:.1g}"
