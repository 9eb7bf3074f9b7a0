"""Nuclear recoils in electron-equivalent energy: factors, resolution, nuisances, refusals."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.experiments.quenching import LindhardEnergy
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import recoil_rate, standard_model_counts
from bayesnu.physics.cross_sections.kinematics import minimum_energy
from bayesnu.physics.signals import MagneticMoment, Millicharge, StandardModel, signal_for
from bayesnu.physics.targets.target import scatterers

FILE = """title = "A germanium detector at a reactor"
channel = "quenched-recoil"
target = "Ge"
exposure_t_yr = 0.01
{more}
bins = [{{ low_keV = 0.2, high_keV = 0.5, width_keV = 0.1 }}]
observed = [{{ counts = "counts.csv" }}]

[source]
kind = "reactor"
name = "mine"
thermal_power_GW = 3.0
distance_m = 20.0

[quenching]
{quenching}

[efficiency]
table = "efficiency.csv"
energy = "reconstructed"

[resolution]
coefficients = [0.02, 0.03]
powers = [0.0, 0.5]
in_quadrature = true

[backgrounds.flat]
flat = true
events = 300
prior = {{ type = "gaussian", relative_sigma = 0.1 }}
"""
LINDHARD = 'model = "lindhard"\nk = 0.16'


def written(folder: Path, quenching: str = LINDHARD, more: str = "") -> Experiment:
    (folder / "counts.csv").write_text(
        "low_keV,high_keV,counts\n0.2,0.3,150\n0.3,0.4,90\n0.4,0.5,80\n"
    )
    (folder / "efficiency.csv").write_text("energy_keV,efficiency\n0.15,0.2\n0.25,0.8\n0.5,1\n")
    energy = np.geomspace(0.01, 30, 3000)
    factor = LindhardEnergy(0.16, 32)(energy) / energy
    rows = "".join(
        f"{e!r},{q!r},0.2,0.22,0.18\n"
        for e, q in zip(energy.tolist(), factor.tolist(), strict=True)
    )
    (folder / "factors.csv").write_text("energy_keV,lindhard,flat,more,less\n" + rows)
    path = folder / "mine.toml"
    path.write_text(FILE.format(quenching=quenching, more=more))
    return load(path)


def counts(experiment: Experiment) -> np.ndarray:
    return standard_model_counts(experiment)


def test_lindhards_factor_is_that_of_lewin_and_smith():
    """Germanium at 10 keV: e = 11.5 x 32^(-7/3) x 10 = 0.0354; g = 2.30; Q = 0.27 with k 0.16."""
    g = 3 * 0.035398**0.15 + 0.7 * 0.035398**0.6 + 0.035398
    found = LindhardEnergy(0.16, 32)(np.array([10.0]))[0] / 10
    assert found == pytest.approx(0.16 * g / (1 + 0.16 * g), rel=1e-4)
    assert found == pytest.approx(0.24, abs=0.02)  # as measured, 0.22 to 0.26


def test_counts_are_an_integral_over_recoils_quenched_smeared_and_accepted(tmp_path):
    experiment = written(tmp_path)
    x, w = np.polynomial.legendre.leggauss(1500)
    low, high = np.log(0.02), np.log(8.0)
    recoil = np.exp(0.5 * (low + high) + 0.5 * (high - low) * x)
    weight = 0.5 * (high - low) * w * recoil
    source = experiment.source()
    rate = np.zeros_like(recoil)
    for nucleus in scatterers("nuclei", recoil, experiment.neutrinos, experiment.material):
        (process,) = StandardModel().on_nucleus(nucleus, "anti_e", {})
        moments = source.moments("reactor", minimum_energy(recoil, nucleus.mass), "flavour")
        rate += nucleus.abundance * process.coefficients.fold(moments["anti_e"])
    rate *= source.flux["reactor"] * experiment.material.units_per_tonne * 365.25 * 86400
    mean = LindhardEnergy(0.16, 32)(recoil)
    width = np.hypot(0.02, 0.03 * np.sqrt(mean))
    expected = []
    for edge in (0.2, 0.3, 0.4):
        fine = np.linspace(edge, edge + 0.1, 401)
        inside = np.diff(ndtr((fine[:, None] - mean) / width), axis=0)
        efficiency = np.interp(0.5 * (fine[1:] + fine[:-1]), (0.15, 0.25, 0.5), (0.2, 0.8, 1.0))
        expected.append(0.01 * (efficiency @ inside) @ (rate * weight))
    # Mid-points of 0.25 eV.
    np.testing.assert_allclose(counts(experiment), expected, rtol=3e-6)


def test_a_finer_grid_changes_nothing(tmp_path):
    found = counts(written(tmp_path))
    finer = counts(load(tmp_path / "mine.toml", refine_grid=2))
    np.testing.assert_allclose(finer, found, rtol=1e-6)


def test_formula_polynomial_and_table_are_one_thing(tmp_path):
    table = 'model = "table"\ntable = "factors.csv"\n'
    lindhard = counts(written(tmp_path))
    np.testing.assert_allclose(
        counts(written(tmp_path, table + 'column = "lindhard"')), lindhard, rtol=1e-5
    )
    straight = counts(written(tmp_path, 'model = "polynomial"\ncoefficients = [0.2]'))
    flat = counts(written(tmp_path, table + 'column = "flat"'))
    np.testing.assert_allclose(flat, straight, rtol=1e-12)


@pytest.mark.parametrize(
    ("with_nuisance", "name", "at"),
    [
        (
            LINDHARD + "\nsigma_k = 0.01",
            "quenching_k",
            ('model = "lindhard"\nk = 0.17', 'model = "lindhard"\nk = 0.15'),
        ),
        (
            'model = "polynomial"\ncoefficients = [0.2]\nup.slope = [0.22]\ndown.slope = [0.18]',
            "slope",
            tuple(f'model = "polynomial"\ncoefficients = [{c}]' for c in (0.22, 0.18)),
        ),
        (
            'model = "table"\ntable = "factors.csv"\ncolumn = "flat"\n'
            'up.slope = "more"\ndown.slope = "less"',
            "slope",
            tuple(
                f'model = "table"\ntable = "factors.csv"\ncolumn = "{c}"' for c in ("more", "less")
            ),
        ),
    ],
)
def test_nuisances_of_the_quenching_are_exact_at_one_sigma(tmp_path, with_nuisance, name, at):
    likelihood = build_likelihood([written(tmp_path, with_nuisance)], StandardModel(), ())
    (index,) = (i for i, n in enumerate(likelihood.names) if n.startswith(name))
    for pull, quenching in zip((1.0, -1.0), at, strict=True):
        point = likelihood.start.copy()
        point[index] = pull
        changed = build_likelihood([written(tmp_path, quenching)], StandardModel(), ())
        # The grids begin elsewhere, beyond six widths.
        np.testing.assert_allclose(
            likelihood.expected(point), changed.expected(changed.start), rtol=1e-5
        )


def test_electrons_are_seen_at_their_own_energy(tmp_path):
    nuclei = written(tmp_path)
    both = written(tmp_path, more="electron_recoils = true")
    assert [r.target for r in both.responses] == ["nuclei", "electrons"]
    values = {"mu_e": 50.0}
    more = recoil_rate(both).counts(MagneticMoment(), values)["reactor"]
    less = recoil_rate(nuclei).counts(MagneticMoment(), values)["reactor"]
    # Z^2 nuclear recoils of a moment are spread to a few keV and quenched: electrons decide.
    assert (more > 2 * less).all()
    charges = [signal_for("millicharge", (e.recoils,)) for e in (nuclei, both)]
    assert [c.parameters[0].unit for c in charges] == ["1e-8 e", Millicharge().parameters[0].unit]


@pytest.mark.parametrize(
    ("quenching", "more", "words"),
    [
        ('model = "polynomial"\ncoefficients = [1.2]', "", "found a factor of 1.2"),
        ('model = "polynomial"\ncoefficients = [-0.2]', "", "expected energies that rise"),
        ('model = "polynomial"\ncoefficients = [0.2, -0.1]', "", "expected energies that rise"),
        ('model = "polynomial"\ncoefficients = []', "", "at least 1 item"),
        ('model = "table"\ntable = "none.csv"', "", "quenching.table: found 'none.csv'"),
        ('model = "guess"', "", "quenching: found"),
        ('model = "lindhard"\nk = -0.1', "", "greater than 0"),
        (
            'model = "polynomial"\ncoefficients = [0.2]\nup.a = [0.3]',
            "",
            "every nuisance of the quenching needs up and down",
        ),
        (LINDHARD, 'errors = "table"', 'errors = "table" needs likelihood = "gaussian"'),
        (LINDHARD, 'likelihood = "gaussian"\nerrors = "table"', "expected a column 'sigma'"),
    ],
)
def test_what_is_no_quenching_is_refused_in_one_sentence(tmp_path, quenching, more, words):
    with pytest.raises(InputError) as refused:
        written(tmp_path, quenching, more)
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_lindhard_is_of_an_element_and_quenching_needs_a_resolution(tmp_path):
    written(tmp_path)
    path = tmp_path / "mine.toml"
    text = path.read_text()
    path.write_text(text.replace('target = "Ge"', 'target = "CsI"'))
    with pytest.raises(InputError, match="found lindhard for CsI, expected an element"):
        load(path)
    path.write_text(text[: text.index("[resolution]")] + text[text.index("[backgrounds") :])
    with pytest.raises(InputError, match="expected a resolution"):
        load(path)


MOVES = {
    "threshold": ('kind = "threshold"\nsigma = 0.02', "shift_keV = -0.02"),
    "efficiency": ('kind = "efficiency"\nsigma = 0.1', "scale = 0.9"),
}


@pytest.mark.parametrize("name", MOVES)
def test_nuisances_of_the_detector_move_nuclei_electrons_and_backgrounds(tmp_path, name):
    """At -1 sigma all are those of a file with the other detector."""
    stated, changed = MOVES[name]
    base = "electron_recoils = true\n"
    written(tmp_path, LINDHARD + "\nsigma_k = 0.01", base)
    nominal, moved = tmp_path / "nominal.toml", tmp_path / "moved.toml"
    nominal.write_text(f'extends = "mine.toml"\n[nuisances.{name}]\n{stated}\n')
    moved.write_text(f'extends = "mine.toml"\n[efficiency]\n{changed}\n')
    ours, theirs = load(nominal), load(moved)
    assert {(name,), (f"bend {name}",), ("quenching_k",)} <= set(ours.responses[0].terms)
    signal = signal_for(MagneticMoment(), ours.recoils)
    of, other = (build_likelihood([e], signal, ["mu_eff"]) for e in (ours, theirs))
    for pull in (0.0, 1.0):  # of the quenching, which ratios multiply
        values = {"mu_eff": 1.0, "quenching_k_nominal": pull, f"{name}_nominal": -1.0}
        found = of.components(of.point(values))
        exact = other.components(other.point({"mu_eff": 1.0, "quenching_k_moved": pull}))
        for label in ("reactor_nu", "flat"):
            # The norm of a background is that of the file without the change.
            norm = 1.0 if label == "reactor_nu" else _size(ours, theirs)
            tolerance = 1e-4 if pull == 0.0 else 2e-2
            np.testing.assert_allclose(
                found["nominal", label], norm * exact["moved", label], rtol=tolerance
            )


def _size(ours: Experiment, theirs: Experiment) -> float:
    """Return decays behind the events of a background, relative to those of another file."""
    a, b = (e.backgrounds[0].recoils for e in (ours, theirs))
    assert a is not None and b is not None
    return float(a.density[0] / b.density[0])


def test_a_nuisance_is_not_named_as_one_of_the_quenching(tmp_path):
    written(tmp_path)
    path = tmp_path / "other.toml"
    path.write_text(
        'extends = "mine.toml"\n[nuisances.quenching_k]\nkind = "threshold"\nsigma = 0.1\n'
    )
    with pytest.raises(InputError, match="has the name of one of the quenching"):
        load(path)


def test_a_nuisance_of_electrons_needs_electrons(tmp_path):
    written(tmp_path)
    path = tmp_path / "other.toml"
    path.write_text('extends = "mine.toml"\n[nuisances.shells]\nkind = "atomic"\n')
    with pytest.raises(InputError, match="shells: atomic moves electrons, and there are none"):
        load(path)
