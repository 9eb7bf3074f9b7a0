"""Bins in time: each component of a source is spread as it arrives and is accepted."""

from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import exponnorm

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.model.rate import standard_model_counts

BEAM = """kind = "pion-decay-at-rest"
name = "sns"
distance_m = 20.0
neutrinos_per_proton = 0.09
protons_on_target = 1e23
years = 1.0
"""
PULSE = "pulse_centre_us = 0.4\npulse_sigma_us = 0.15\n"
FILE = """title = "Energy and time"
channel = "nuclear-recoil"
target = "Ar"
{more}
[source]
{source}
[runs.one]
exposure_t_yr = 0.02
observed = {{ table = "counts.csv", column = "counts" }}
response = {{ table = "response.csv", columns = "p_"{bins} }}
{time}
[backgrounds.flat]
counts = {{ one = {{ table = "counts.csv", column = "counts" }} }}
prior = {{ type = "free" }}
"""
TIMES = ((-0.5, 0.7), (0.7, 2.0), (2.0, 6.0))


def written(
    folder: Path,
    source: str = BEAM + PULSE,
    time: str = "time = {}",
    bins: str = ', bins = "energy"',
    more: str = "",
    times: tuple[tuple[float, float], ...] = TIMES,
) -> Experiment:
    rows = [f"{e},{a},{b},5" for e in (0, 1) for a, b in times]
    (folder / "counts.csv").write_text("energy,time_low_us,time_high_us,counts\n" + "\n".join(rows))
    (folder / "response.csv").write_text("energy_keV,p_0,p_1\n20,0,0\n40,1,0\n60,0,1\n100,0,1\n")
    (folder / "efficiency.csv").write_text("time_us,efficiency\n-1,1\n1,1\n6,0.5\n")
    path = folder / "timed.toml"
    path.write_text(FILE.format(source=source, time=time, bins=bins, more=more))
    return load(path)


def test_shares_are_integrals_of_the_arrival_times_and_the_efficiency(tmp_path):
    found = written(tmp_path, time='time = { efficiency = "efficiency.csv" }').arrival
    pion, muon = 0.026033, 2.1969811

    def decayed(lifetime, t):
        return exponnorm.pdf(t, lifetime / 0.15, loc=0.4, scale=0.15)

    def efficiency(t):
        return np.interp(t, (-1, 1, 6), (1, 1, 0.5))

    densities = {
        "prompt": lambda t: decayed(pion, t),
        # Of two decays one after the other the density is a difference.
        "delayed": lambda t: (decayed(muon, t) * muon - decayed(pion, t) * pion) / (muon - pion),
    }
    for component, density in densities.items():
        expected = [
            quad(lambda t, f=density: f(t) * efficiency(t), a, b, points=[0.4, 1.0])[0]
            for a, b in TIMES
        ]
        # The efficiency is constant in a fiftieth of a bin.
        np.testing.assert_allclose(found[component], expected * 2, rtol=1e-4, atol=1e-12)


def test_bins_in_time_add_up_to_those_of_energy(tmp_path):
    whole = ((-5.0, 60.0),)
    timed = standard_model_counts(written(tmp_path))
    in_energy = standard_model_counts(written(tmp_path, time="", times=whole))
    seen = standard_model_counts(written(tmp_path, times=whole))
    np.testing.assert_allclose(seen, in_energy, rtol=1e-10)  # 60 us are 27 lives of muons
    assert (timed.reshape(2, 3).sum(axis=1) < in_energy).all()
    assert (timed.reshape(2, 3).sum(axis=1) > 0.9 * in_energy).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": BEAM}, "pulse_sigma_us: found nothing, expected a width, for a time axis"),
        (
            {"source": 'kind = "reactor"\nname = "r"\nthermal_power_GW = 3.0\ndistance_m = 20.0\n'},
            "time: found kind = reactor, expected a source with pulses",
        ),
        ({"time": 'time = { low = "begin" }'}, "expected a column 'begin'"),
        ({"times": ((2.0, 1.0),)}, "time_high_us, row 1: found 1, expected more than 2"),
        ({"more": 'group_by = "energy"'}, "bins in time are not grouped, nor runs merged"),
        ({"bins": ""}, "found 2 columns that start with 'p_', expected 6"),
        ({"bins": ', bins = "counts"'}, "counts, row 1: found 5, expected at most 1"),
        ({"time": 'time = { efficiency = "counts.csv" }'}, "expected a column 'time_us'"),
    ],
)
def test_what_is_no_time_axis_is_refused_in_one_sentence(tmp_path, changes, words):
    with pytest.raises(InputError) as refused:
        written(tmp_path, **changes)
    assert words in str(refused.value) and "\n" not in str(refused.value)
