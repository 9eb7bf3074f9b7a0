"""An experiment file that asks for the matter of the Earth."""

from pathlib import Path

import numpy as np
import pytest

from bayesnu import likelihood_of, load
from bayesnu.errors import InputError
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import Millicharge, StandardModel

NUCLEI = "pandax4t-2024-8b"


@pytest.fixture(scope="module")
def by_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("earth") / "night.toml"
    path.write_text(f'extends = "{NUCLEI}"\n[neutrinos.earth]\nlatitude = 28.2\n', encoding="utf-8")
    return path


def counts(name, signal, values):
    return sum(recoil_rate(load(name)).counts(signal, values).values()).sum()


def test_nuclei_see_no_night_and_a_charge_of_nu_e_does(by_night):
    standard = [counts(name, StandardModel(), {}) for name in (NUCLEI, by_night)]
    assert standard[1] == pytest.approx(standard[0], rel=1e-12)
    charge = {"q_ee": 1.0}
    one, other = (counts(name, Millicharge(), charge) for name in (NUCLEI, by_night))
    change = (other - standard[1]) / (one - standard[0]) - 1.0
    assert 0.003 < change < 0.03  # half of what nights alone are


def test_a_likelihood_has_it_with_pulls_of_the_angles(by_night):
    found = likelihood_of([by_night], "millicharge", ["q_ee"])
    x = found.point({"q_ee": 1.0, "pull_sin2_theta12": 0.5})
    assert np.isfinite(found.chi2(x))


@pytest.mark.parametrize(
    "signal, parameter",
    [
        ("transition-magnetic-moment", "Lambda_1"),
        ("nsi-quark-propagation", "eps_u_ee"),
        ("millicharge", "sin2_theta12"),
    ],
)
def test_what_is_not_calculated_is_refused_in_a_sentence(by_night, signal, parameter):
    with pytest.raises(InputError, match="earth"):
        of = likelihood_of([by_night], signal, [parameter, *(["q_ee"] * (signal == "millicharge"))])
        of.expected(of.start)
