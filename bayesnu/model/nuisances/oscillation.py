"""Oscillation parameters: pulls on which counts depend linearly, and the CP phase of beams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.nuisance import Names, Nuisance, Part, Term
from bayesnu.physics.treatment import Oscillation

ANGLES = ("sin2_theta12", "sin2_theta13", "sin2_theta23")
DELTA = "delta_cp"

ROUNDING = 1e-14
"""A derivative that is smaller, relative to the counts, is none: what equal moments of all flavours
add does not change with the angles, and would be as many terms as what does."""


class OscillationPulls(Nuisance):
    """A standard normal for each mixing angle, in units of its sigma."""

    def act(self, part: Part, names: Names) -> Part:
        """Add the derivatives of a source's component by the mixing angles.

        The probabilities are close to linear over a few sigma (the second-order part of P_ee is
        4% of the first at one sigma), so linear terms are enough; a test measures what is left.
        """
        if part.changed is None:
            return part
        entry = part.experiment.neutrinos.oscillation
        for angle, pull in pulls(entry).items():
            value, sigma = getattr(entry, angle), getattr(entry, f"sigma_{angle}")
            up = part.changed(**{angle: value + sigma})
            down = {term[:2]: term.counts for term in part.changed(**{angle: value - sigma})}
            derivative = [
                Term((pull.name, *factors), response, 0.5 * (counts - down[factors, response]))
                for factors, response, counts in up
                if (factors, response) in down
            ]
            part = part.plus(pull, _more_than_rounding(derivative, up))
        return part


def _more_than_rounding(derivative: Sequence[Term], counts: Sequence[Term]) -> list[Term]:
    """Return the terms that are more than the rounding of what they are differences of."""
    largest: dict[tuple[str, ...], float] = {}
    for factors, _, values in counts:
        # What stands for counts that are not known yet is no array: kept if it can be anything.
        size = float(np.abs(values).max(initial=0.0)) if isinstance(values, np.ndarray) else 0.0
        largest[factors] = max(largest.get(factors, 0.0), size)
    return [
        term
        for term in derivative
        if term.counts.any()
        and (
            not isinstance(term.counts, np.ndarray)
            or np.abs(term.counts).max(initial=0.0) > ROUNDING * largest[term.factors[1:]]
        )
    ]


def pulls(entry: Oscillation) -> dict[str, Parameter]:
    """Return the pull of each mixing angle that has a width, by the angle."""
    if not entry.nuisances:
        return {}
    return {
        angle: Parameter(f"pull_{angle}", "oscillation", priors.gaussian(0.0, 1.0))
        for angle in ANGLES
        if getattr(entry, f"sigma_{angle}") > 0.0
    }


def pulls_and_phase(entry: Oscillation) -> tuple[Parameter, ...]:
    """Return the nuisances of an effective moment: pulls of the angles, and delta_cp itself."""
    found = list(pulls(entry).values())
    if entry.nuisances and entry.sigma_delta_cp > 0.0:
        prior = priors.gaussian(entry.delta_cp, entry.sigma_delta_cp)
        found.append(Parameter(DELTA, "oscillation", prior, "1 rad", r"\delta_\mathrm{CP}"))
    return tuple(found)
