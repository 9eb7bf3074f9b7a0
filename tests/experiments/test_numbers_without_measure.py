"""Numbers that no experiment has, and names that no file can have, are refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from experiment_files import OWN_COUNTS, OWN_MODEL, write_own

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
