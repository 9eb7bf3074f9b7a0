"""A nuisance is a file of its own: one that moves the response moves signal and backgrounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from bayesnu.errors import InputError
from bayesnu.experiments.detector import RecoilGrid
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.experiments.response import Fold, Target, Terms
from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.build import build_likelihood
from bayesnu.model.nuisances import KINDS
from bayesnu.model.nuisances.nuisance import Names, Nuisance, Part
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import MagneticMoment, SterileDipole

NAME = "xenonnt-2022-er"
PULL = "energy_scale_xenonnt_2022_er"
SIGMA = 0.02


@dataclass(frozen=True)
class Scaled:
    """A response to energies that are seen higher at one sigma, by a linear term."""

    fold: Fold

    def __call__(self, grid: RecoilGrid) -> Terms:
        up, down = (
            self.fold(RecoilGrid(grid.energy * scale, grid.weight))[()]
            for scale in (1.0 + SIGMA, 1.0 - SIGMA)
        )
        return {**self.fold(grid), ("energy_scale",): 0.5 * (up - down)}


class EnergyScale(Nuisance):
    def respond(self, experiment: Experiment, target: Target, fold: Fold) -> Fold:
        return Scaled(fold)


@pytest.fixture
def energy_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "energy scale", EnergyScale())


@pytest.mark.usefixtures("energy_scale")
@pytest.mark.parametrize(("name", "curves"), [(NAME, set()), (f"{NAME}@khan-2022", {"b0"})])
def test_a_response_of_ones_own_moves_signal_and_spectra_together_and_no_published_curve(
    name: str, curves: set[str]
) -> None:
    experiment, signal, values = load(name), MagneticMoment(), {"mu_eff": 1.0}
    likelihood = build_likelihood([experiment], signal, ["mu_eff"])
    assert likelihood.names.count(PULL) == 1
    x = likelihood.point({"mu_eff": 1.0, PULL: 1.0})
    nominal = likelihood.components(likelihood.point({"mu_eff": 1.0, PULL: 0.0}))
    moved = likelihood.components(x)

    def difference(fold: Fold, grid: RecoilGrid, density: np.ndarray) -> np.ndarray:
        return Scaled(fold)(grid)["energy_scale",] @ density

    rate = sum(recoil_rate(experiment).spectrum(signal, values).values())
    expected = {"solar_nu": difference(experiment.responses[0].fold, experiment.grid, rate)}
    norms = dict(zip(likelihood.names, x, strict=True))
    for background in experiment.backgrounds:
        if background.recoils is None:
            expected[background.name] = np.zeros(experiment.bins)
        else:
            recoils = background.recoils
            norm = norms.get(f"background_{background.name}_xenonnt_2022_er", 1.0)
            expected[background.name] = norm * difference(
                recoils.fold, recoils.grid, recoils.density
            )
    for (_, label), counts in moved.items():
        change = counts - nominal[name, label]
        np.testing.assert_allclose(change, expected[label], rtol=1e-9, atol=1e-9)
        assert change.any() == (label not in curves)


@pytest.mark.usefixtures("energy_scale")
def test_a_response_of_ones_own_follows_to_grids_that_a_mass_has_split() -> None:
    likelihood = build_likelihood([load(NAME)], SterileDipole(), ["mu_eff"], fixed={"m4": 0.3})
    row = likelihood.names.index(PULL)
    assert (likelihood.factors == row).any()


@pytest.mark.usefixtures("energy_scale")
def test_each_experiment_has_its_own_scale() -> None:
    both = build_likelihood([load(NAME), load("lz-2022-er")], MagneticMoment(), ["mu_eff"])
    assert {PULL, "energy_scale_lz_2022_er"} <= set(both.names)


def test_a_kind_of_ones_own_gives_a_background_a_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    class Purity(Nuisance):
        """One norm on two decays of one contamination, in every experiment."""

        def act(self, part: Part, names: Names) -> Part:
            if part.label not in ("Pb214", "Kr85"):
                return part
            return part.times(Parameter("purity", "background", priors.gaussian(1.0, 0.1, low=0.0)))

    monkeypatch.setitem(KINDS, "purity", Purity())
    likelihood = build_likelihood([load(NAME)], MagneticMoment(), ["mu_eff"])
    one, two = (likelihood.components(likelihood.point({"purity": p})) for p in (1.0, 2.0))
    for (_, label), counts in two.items():
        factor = 2.0 if label in ("Pb214", "Kr85") else 1.0
        np.testing.assert_allclose(counts, factor * one[NAME, label], rtol=1e-12)


def test_two_kinds_that_mean_different_things_by_one_name_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Other(Nuisance):
        def own(self, experiment: Experiment) -> Sequence[str]:
            return ("signal",)

        def act(self, part: Part, names: Names) -> Part:
            prior = priors.gaussian(1.0, 0.3)
            return part.times(Parameter("flux_pp", "response", prior), part.experiment.name)

    monkeypatch.setitem(KINDS, "other", Other())
    with pytest.raises(InputError, match="one name for two things"):
        build_likelihood([load(NAME)], MagneticMoment(), ["mu_eff"])


def test_without_kinds_of_ones_own_nothing_is_added() -> None:
    likelihood = build_likelihood([load(NAME)], MagneticMoment(), ["mu_eff"])
    backgrounds = [f"background_{b.name}_xenonnt_2022_er" for b in load(NAME).backgrounds]
    stated = [f"{name}_xenonnt_2022_er" for name in load(NAME).nuisances]
    angles = [f"pull_sin2_theta{angle}" for angle in (12, 13, 23)]
    assert likelihood.names == ("mu_eff", *angles, *stated, "flux_pp", "flux_be7", *backgrounds)
