"""Recoils of electrons in an ionisation-only experiment: with a response, or refused."""

import numpy as np
import pytest

import bayesnu
from bayesnu.errors import InputError

RUNS = ("sr0", "sr1", "sr2")


def test_without_a_response_they_are_refused_with_the_reason(tmp_path):
    path = tmp_path / "both.toml"
    path.write_text('extends = "xenonnt-2026-s2only"\nelectron_recoils = true\n')
    with pytest.raises(InputError) as error:
        bayesnu.load(path)
    message = str(error.value)
    assert "electron_recoils" in message
    assert "sr0, sr1, sr2" in message
    assert "not public" in message
    assert message.count("\n") == 0


def test_with_a_response_both_recoils_are_counted(tmp_path):
    energy = np.geomspace(0.05, 3.0, 30)
    bins = ",".join(f"s2_bin_{index}" for index in range(7))
    rows = "\n".join(",".join([f"{e:.6g}", *["0.02"] * 7]) for e in energy)
    (tmp_path / "electrons.csv").write_text(f"energy_keV,{bins}\n{rows}\n")
    response = '{ table = "electrons.csv", columns = "s2_bin_" }'
    path = tmp_path / "both.toml"
    path.write_text(
        'extends = "xenonnt-2026-s2only"\nelectron_recoils = true\n'
        '[neutrinos]\ncomponents = ["b8", "hep", "pp", "be7"]\n'
        + "\n".join(f"[runs.{run}]\nelectron_response = {response}" for run in RUNS)
    )
    nuclei, both = bayesnu.load("xenonnt-2026-s2only"), bayesnu.load(path)
    assert [response.target for response in both.responses] == ["nuclei", "electrons"]
    added = bayesnu.rates(both).totals["solar_nu"] - bayesnu.rates(nuclei).totals["solar_nu"]
    # About 2.3 per t yr keV on electrons, 14% selected in all bins, 2.95 keV, 7.83 t yr.
    assert added == pytest.approx(2.3 * 0.14 * 2.95 * 7.83, rel=0.25)
    limits = [
        bayesnu.limit(
            [experiment], "magnetic-moment", "mu_eff", method="profile"
        ).frequentist.intervals[0][1]
        for experiment in (nuclei, both)
    ]
    # The magnetic rate on electrons beats that on nuclei by orders of magnitude.
    assert limits[1] < 0.1 * limits[0]
