"""Delta chi2 profiles of an effective moment: what data on one beam imply for another.

The effective moment is no parameter of the fit, but a function of them. It is held near a value
by one more Gaussian bin in mu^2. The chi2 of the real data where that fit ends is exactly a
point of the profile, at the mu^2 that the fit has, however wide the bin is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from bayesnu.analyses.question import Experiments, as_experiments
from bayesnu.errors import ComputationError
from bayesnu.experiments.beam_limit import TERM, beam_of, read_effective_moment
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import Minimum, best_angles, minimise
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.beam_moments import oscillation_parameters
from bayesnu.model.beam_terms import is_effective_moment, oscillation_of
from bayesnu.model.build import build_likelihood
from bayesnu.physics.moments.beams import beam_by_name, solar
from bayesnu.physics.moments.effective import quadratic_form
from bayesnu.physics.moments.mixing import mixing_matrix
from bayesnu.physics.signals.transition_moment import PHASES, SIZES, TransitionMoment
from bayesnu.physics.treatment import Neutrinos
from bayesnu.results.curve import BeamProfile
from bayesnu.types import Array, ComplexArray

WIDTH = 0.1
"""Width of the bin that holds mu^2, relative to mu^2: narrow enough to come near the value."""

LARGEST = 1e3
"""1e-11 mu_B; where no limit is found below, there is none."""


def profile_effective_moment(
    experiments: Experiments, beam: str, *, level: float = 0.9, dof: int = 1, points: int = 21
) -> BeamProfile:
    """Return the profile of a beam's effective moment and its upper limit.

    Parameters
    ----------
    beam : str
        One of `bayesnu.physics.moments.beams.BEAMS`.
    points : int
        Of the profile, from zero to 1.5 times the limit.
    """
    loaded = as_experiments(experiments)
    cut = threshold(level, dof)
    search = _Search(loaded, beam)
    high = 0.5
    while search.delta(high) < 2.0 * cut and high < LARGEST:
        high *= 2.0
    limit = None
    if search.delta(high) > cut:
        # One-sided: the largest value below the cut.
        low = high / 2.0
        while search.delta(low) > cut and low > 1e-3:
            low /= 2.0
        limit = float(brentq(lambda m: search.delta(m) - cut, low, high, xtol=1e-5 * high))
    last = high if limit is None else limit
    at_limit = search.fit(last)
    targets = np.linspace(0.0, 1.5 * last if limit else last, points)[1:]
    fits = [search.fit(float(target)) for target in targets]
    return BeamProfile(
        beam=beam,
        experiments=tuple(e.name for e in loaded),
        values=np.array([search.moment(fit) for fit in fits]),
        delta_chi2=np.array([search.data_chi2(fit) - search.lowest for fit in fits]),
        chi2_min=search.lowest,
        level=level,
        dof=dof,
        upper_limit=None if limit is None else search.moment(at_limit),
        point=dict(zip(search.likelihood.names, map(float, at_limit.x), strict=True)),
    )


class _Search:
    """Fits with an effective moment held near a value."""

    def __init__(self, experiments: Sequence[Experiment], beam: str) -> None:
        signal = TransitionMoment()
        free = signal.elementary()
        plain = build_likelihood(experiments, signal, free)
        self.lowest = find_minima(plain)[0].chi2
        oscillation = oscillation_of(experiments)
        pin = _pin(beam, Neutrinos(oscillation=oscillation))
        self.likelihood: Likelihood = build_likelihood([*experiments, pin], signal, free)
        for name in SIZES:
            # The end of a prior range must not look like a limit.
            wide = Prior(low=0.0, high=10.0 * LARGEST)
            self.likelihood = self.likelihood.with_prior(name, wide)
        self.bin = self.likelihood.stack[-1].part.start
        parameters = oscillation_parameters(oscillation)
        mixing = mixing_matrix(parameters)
        self.form = quadratic_form(beam_by_name(beam, parameters), mixing)
        beams = [beam_of(e, parameters) for e in experiments if is_effective_moment(e)]
        if len(beams) < len(experiments):
            beams.append(solar(parameters))
        forms = [quadratic_form(one, mixing) for one in beams]
        # Where the data see least of what the beam sees most, each beam alone and together.
        self.directions = [
            _best_hidden(self.form, seen) for seen in (*forms, np.sum(forms, axis=0))
        ]
        self.known: dict[float, Minimum] = {}

    def fit(self, moment: float) -> Minimum:
        """Return the best fit with the moment held near a value."""
        if moment not in self.known:
            likelihood = self.held(moment)
            nothing = np.zeros(len(likelihood.names), dtype=bool)
            fits = [minimise(likelihood, x, nothing) for x in self.starts(likelihood, moment)]
            good = [fit for fit in fits if fit.converged]
            if not good:
                raise ComputationError(f"No fit with an effective moment of {moment:g} converged.")
            self.known[moment] = min(good, key=lambda fit: fit.chi2)
        return self.known[moment]

    def held(self, moment: float) -> Likelihood:
        """Return the likelihood whose last bin holds mu^2 near a value."""
        observed, sigma = self.likelihood.observed.copy(), self.likelihood.sigma.copy()
        observed[self.bin], sigma[self.bin] = moment**2, WIDTH * moment**2
        return replace(self.likelihood, observed=observed, sigma=sigma)

    def starts(self, likelihood: Likelihood, moment: float) -> list[Array]:
        """Return each moment alone, directions that the data see little of, known solutions."""
        vectors = [*np.eye(3, dtype=complex), *self.directions]
        result = []
        for vector in vectors if len(self.known) < 4 else self.directions:
            size = (vector.conj() @ self.form @ vector).real
            if size > 0.0:
                result.append(self._point(likelihood, vector * moment / size**0.5))
        near = sorted(self.known, key=lambda other: abs(other - moment))[:2]
        for other in near:
            x = self.known[other].x.copy()
            for name in SIZES:
                x[likelihood.index(name)] *= moment / other
            result.append(x)
        return result

    def _point(self, likelihood: Likelihood, vector: ComplexArray) -> Array:
        turn = np.angle(vector[1]) if abs(vector[1]) > 0.0 else 0.0
        values = {}
        for size, phase, value in zip(SIZES, PHASES, vector, strict=True):
            values[size] = float(abs(value))
            if phase is not None and abs(value) > 0.0:
                angle = float(np.angle(value) - turn)
                values[phase] = float((angle + np.pi) % (2.0 * np.pi) - np.pi)
        x = likelihood.point(values)
        nothing = np.zeros(len(x), dtype=bool)
        return best_angles(likelihood, x, nothing)

    def moment(self, fit: Minimum) -> float:
        """Return the effective moment that a fit has."""
        return float(np.sqrt(max(self.likelihood.expected(fit.x)[self.bin], 0.0)))

    def data_chi2(self, fit: Minimum) -> float:
        """Return chi2 without the bin that holds the moment."""
        return float(self.likelihood.chi2(fit.x) - self.likelihood.chi2_per_bin(fit.x)[self.bin])

    def delta(self, moment: float) -> float:
        """Return Delta chi2 of the data at (about) a moment."""
        return self.data_chi2(self.fit(moment)) - self.lowest


def _best_hidden(form: ComplexArray, seen: ComplexArray) -> ComplexArray:
    """Return the v that makes v^dagger form v largest beside v^dagger seen v."""
    values, vectors = np.linalg.eigh(seen)
    scaled = vectors / np.sqrt(np.maximum(values, 1e-6 * values[-1]))
    return np.asarray(scaled @ np.linalg.eigh(scaled.conj().T @ form @ scaled)[1][:, -1])


def _pin(beam: str, neutrinos: Neutrinos) -> Experiment:
    file = EffectiveMomentFile.model_validate(
        {
            "title": f"holds {TERM} of a beam",
            "channel": "effective-moment",
            "beam": beam,
            "upper_limit_1e11_mu_B": 1.0,
            "neutrinos": neutrinos,
        }
    )
    return read_effective_moment(Path("held-moment.toml"), file, {})
