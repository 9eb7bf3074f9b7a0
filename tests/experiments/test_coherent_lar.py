"""COHERENT CENNS-10: the release's templates, fit and significance; other signals scale them."""

import numpy as np
import pytest
from free_norm import fit

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import recoil_rate, standard_model_counts
from bayesnu.physics.signals import ChargeRadius, StandardModel

NAME = "coherent-lar-2020"


@pytest.fixture(scope="module")
def argon() -> Experiment:
    return load(NAME)


def test_events_and_templates_are_those_of_the_release(argon):
    assert argon.observed is not None
    assert argon.bins == 960 and argon.observed.sum() == 3752
    expected = {b.name: round(b.counts.sum()) for b in argon.backgrounds}
    assert expected == {"steady_state": 3152, "neutrons": 497, "delayed_neutrons": 33}
    assert standard_model_counts(argon).sum() == pytest.approx(128, rel=1e-6)


def test_events_before_they_are_scaled_are_those_of_the_collaboration(argon):
    """128 +- 17, of which 10% is the flux; 1.38e23 protons, 24.4 kg at 27.5 m."""
    spectra = recoil_rate(argon).spectrum(StandardModel(), {})
    own = [argon.response @ rate for rate in spectra.values()]
    # A response of energy alone: eighty bins of pulse shape and time have one column.
    found = np.sum(own, axis=0).reshape(12, 80)
    np.testing.assert_allclose(found, found[:, :1] * np.ones(80), rtol=1e-12)
    events = found[:, 0].sum()
    print(f"{events:.1f} events")
    assert events == pytest.approx(137, rel=0.02)  # of an independent fold
    assert abs(events - 128) < 17


def test_a_free_norm_fits_the_releases_events(tmp_path):
    """Its own fit: 159 +- 43 (stat), delayed neutrons 10 +- 11, steady state 3131 +- 23."""
    events, without = fit(tmp_path, NAME)
    print({name: round(n, 1) for name, n in events.items()}, f"{np.sqrt(without):.2f} sigma")
    assert events["beam_nu"] == pytest.approx(159, abs=10)
    assert events["delayed_neutrons"] == pytest.approx(10, abs=11)
    assert events["steady_state"] == pytest.approx(3131, abs=23)
    # 3.5 sigma with systematic errors that are not in the release, 3.9 by statistics alone.
    assert 3.4 < np.sqrt(without) < 4.0


def test_other_signals_scale_the_template_by_their_rate_in_energy(argon):
    rate, signal = recoil_rate(argon), ChargeRadius()
    found = sum(rate.counts(signal, {"r2_ee": 20.0}).values()).reshape(12, 8, 10)
    template = argon.standard_model.reshape(12, 8, 10)
    spectra = [rate.spectrum(s, v) for s, v in ((signal, {"r2_ee": 20.0}), (StandardModel(), {}))]
    new, old = (
        (argon.response @ sum(spectrum.values())).reshape(12, 80)[:, 0] for spectrum in spectra
    )
    for energy in range(5):
        expected = template[energy] * new[energy] / old[energy]
        np.testing.assert_allclose(found[energy], expected, rtol=1e-10, atol=1e-15)
    assert not found[6:].any()


def test_shifted_templates_are_nuisances(argon):
    likelihood = build_likelihood([argon], StandardModel(), ())
    names = {name.removesuffix("_coherent_lar_2020") for name in likelihood.names}
    assert {"coherent_f90", "coherent_time", "neutrons_energy", "neutrons_time"} <= names
    table = next(t for t in argon.tables if t.path.name == "bins.csv")
    start = likelihood.start
    for name, component in (("coherent_f90", "beam_nu"), ("neutrons_energy", "neutrons")):
        for word, pull in (("up", 1.0), ("down", -1.0)):
            x = start.copy()
            x[likelihood.index(f"{name}_coherent_lar_2020")] = pull
            found = likelihood.components(x)[NAME, component]
            expected = table.column(f"{name}_{word}")
            if component == "beam_nu":  # where the nominal template is zero nothing is scaled
                expected = np.where(argon.standard_model > 0, expected, 0.0)
            # A few bins with next to nothing change by more than they may.
            assert np.abs(found - expected).sum() < 2e-3 * expected.sum()


def test_csi_and_argon_share_the_norm_of_their_beam(argon):
    likelihood = build_likelihood([argon, load("coherent-csi-2021")], ChargeRadius(), ["r2_mumu"])
    assert [name for name in likelihood.names if name.startswith("flux")] == ["flux_sns"]


COLUMN = '{ all = { table = "coherent-lar-2020/bins.csv", column = "coherent" } }'
OTHER = COLUMN.replace("all", "other", 1)
NUISANCE = '[nuisances.more]\nkind = "template"\n'


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (f'components = ["beam_nu"]\nup = {COLUMN}\n', "tables come in pairs, up and down"),
        (
            f'components = ["neutrons"]\nup = {OTHER}\ndown = {COLUMN}\n',
            "names the run other, which is not in runs",
        ),
        (
            f'components = ["neutrinos"]\nup = {COLUMN}\ndown = {COLUMN}\n',
            "beam_nu | steady_state",
        ),
        (
            f'components = ["beam_nu"]\nup = {COLUMN}\ndown = {COLUMN}\n'
            "[runs.all.response.quenching]\nup = { more = [0.25] }\ndown = { more = [0.24] }\n",
            "nuisance more has the name of one of the response",
        ),
    ],
)
def test_half_a_nuisance_is_refused_in_one_sentence(tmp_path, changes, words):
    path = tmp_path / "changed.toml"
    path.write_text(f'extends = "{NAME}"\n{NUISANCE}{changes}')
    with pytest.raises(InputError) as refused:
        load(path)
    assert words in str(refused.value) and "\n" not in str(refused.value)
