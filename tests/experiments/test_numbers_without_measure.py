"""Numbers that no experiment has, and names that no file can have, are refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from experiment_files import OWN_COUNTS, OWN_MODEL, write_own

from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("relative_sigma = 0.1", "relative_sigma = 1e-300", r"relative_sigma: found 1e-300"),
        ("relative_sigma = 0.1", "sigma_events = 1e300", r"sigma_events: found 1e\+300"),
        ("[0, 40]", "[0, 1e308]", r"events\.1: found 1e\+308"),
        ("exposure_t_yr = 1.0", "signal_sigma = 1e-300\nexposure_t_yr = 1.0", "signal_sigma"),
        ("[backgrounds.flat]", '[backgrounds."a/b"]', r"backgrounds\.a/b"),
        ("[backgrounds.flat]", r'[backgrounds."a\u0000b"]', "backgrounds"),
        ("[backgrounds.flat]", '[backgrounds.""]', "backgrounds"),
        ("[backgrounds.flat]", f"[backgrounds.{'a' * 81}]", "backgrounds"),
    ],
)
def test_a_model_without_measure_is_refused(old: str, new: str, found: str, tmp_path: Path) -> None:
    assert old in OWN_MODEL
    with pytest.raises(InputError, match=found):
        load(write_own(tmp_path, OWN_MODEL.replace(old, new)))


def test_counts_that_nobody_can_have_counted_are_refused(tmp_path: Path) -> None:
    path = write_own(tmp_path, counts=OWN_COUNTS.replace(",12", ",1e308"))
    with pytest.raises(InputError, match=r"observed: found 1e\+308 events in bin 1, expected at"):
        load(path)


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"experiment: found .*utf-8"):
        load(f"{tmp_path}/m\udcff.toml")


def test_counts_where_nothing_is_expected_have_a_limit_and_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start, end = OWN_MODEL.index("[backgrounds.flat]"), OWN_MODEL.index("[backgrounds.line]")
    model = (OWN_MODEL[:start] + OWN_MODEL[end:]).replace("[0.3]", "[0.01]")
    path = write_own(
        tmp_path, model, OWN_COUNTS, "energy_keV,efficiency\n0.5,0.5\n7,0.5\n7.1,0\n11,0\n"
    )
    words = ["limit", str(path), "--signal", "magnetic-moment", "--parameter", "mu_eff"]
    assert main([*words, "--method", "profile", "--no-files", "--json"]) == 0
    printed = capsys.readouterr()
    assert "the model does not describe these data" in printed.err
    (low, high) = json.loads(printed.out)["results"][0]["frequentist"]["intervals"][0]
    assert 0.0 < low < high < 100.0
