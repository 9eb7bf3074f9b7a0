"""What is asked is what is answered: masses held or sampled, values, units, levels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import MOMENT

from bayesnu import InputError, asimov, contour_scan, likelihood_of, limit, profile_scan, rates
from bayesnu.cli import main

ER, NR = "xenonnt-2022-er", "xenonnt-2024-8b"
MEDIATOR = ("--signal", "light-mediator")
DIPOLE = ("--signal", "sterile-dipole")

FREE = ("limit", ER, *MEDIATOR, "--parameter", "g_vector", "--free", "m_mediator")
FREE_MASS = {
    "limit --method profile": (*FREE, "--method", "profile"),
    "limit --calibrated": (*FREE, "--calibrated", "100"),
    "contour": ("contour", ER, *MEDIATOR, "--parameters", "g_vector", "m_mediator"),
    "profile": ("profile", ER, *DIPOLE, "--parameter", "m4"),
    "toys": ("toys", ER, *DIPOLE, "--parameter", "m4"),
    "priors": ("priors", ER, *DIPOLE, "--parameter", "m4"),
    "compare": ("compare", ER, "lz-2022-er", *DIPOLE, "--parameter", "m4"),
    "impacts": ("impacts", ER, *DIPOLE, "--parameter", "m4"),
    "sensitivity": ("sensitivity", "darwin-30ty", *DIPOLE, "--parameter", "m4", "--exposures", "9"),
}


@pytest.mark.parametrize("case", FREE_MASS)
def test_a_mass_is_not_fitted(case: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(FREE_MASS[case]) == 2
    error = capsys.readouterr().err
    assert "free mass" in error
    assert "--set m" in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_mass_without_a_coupling_is_refused(capsys) -> None:
    assert main(["limit", ER, *MEDIATOR, "--parameter", "m_mediator", "--no-files"]) == 2
    assert "a free mass without a coupling" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "code"), [("profile", 2), ("limit", 0), ("sample", 0)])
def test_a_run_file_samples_a_free_mass_and_fits_none(
    kind: str, code: int, tmp_path: Path, capsys
) -> None:
    file = tmp_path / "analysis.toml"
    file.write_text(
        f'title = "t"\nexperiments = ["{ER}"]\nsignal = "light-mediator"\n'
        f"[[{kind}]]\n{'parameters' if kind == 'sample' else 'parameter'} = "
        f'{["g_vector"] if kind == "sample" else "g_vector"!r}\nfree = ["m_mediator"]\n'
    )
    assert main(["run", str(file), "--check"]) == code
    assert ("free mass" in capsys.readouterr().err) == (code == 2)


def test_a_mass_is_not_fitted_in_python() -> None:
    for ask in (
        lambda: limit([ER], "light-mediator", "m_mediator"),
        lambda: limit([ER], "light-mediator", "g_vector", free=["m_mediator"], method="profile"),
        lambda: profile_scan([ER], "sterile-dipole", "m4"),
        lambda: contour_scan([ER], "light-mediator", ("g_vector", "m_mediator")),
    ):
        with pytest.raises(InputError, match="free mass"):
            ask()


def test_every_value_held_is_printed_with_its_unit(capsys) -> None:
    words = ("limit", ER, "--method", "profile", "--no-files")
    moment = (*words, "--signal", "magnetic-moment", "--parameter", "mu_mu", "--set", "mu_e=0.5")
    assert main(moment) == 0
    assert "mu_e = 0.5 [1e-11 mu_B] held" in capsys.readouterr().out
    heavy = (*words, *MEDIATOR, "--parameter", "g_vector", "--set", "m_mediator=50", "--json")
    assert main(heavy) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    assert found["fixed"] == {"m_mediator": 50.0}
    assert found["fixed_units"] == {"m_mediator": "keV"}


@pytest.mark.parametrize("command", ["limit", "profile"])
def test_a_mass_that_nobody_gave_is_said_to_be_zero(command: str, capsys) -> None:
    more = ("--method", "profile", "--no-files") if command == "limit" else ()
    assert main([command, ER, *DIPOLE, "--parameter", "mu_e", *more]) == 0
    assert "m4 = 0 [MeV] held" in capsys.readouterr().out.splitlines()[0]


def test_a_value_for_the_parameter_of_interest_is_refused(capsys) -> None:
    assert main(["limit", ER, *MOMENT, "--set", "mu_eff=0.5", "--no-files"]) == 2
    assert "free parameter" in capsys.readouterr().err


def test_two_values_of_one_name_are_refused(capsys) -> None:
    words = ["profile", ER, *DIPOLE, "--parameter", "mu_e", "--set", "m4=1", "--set", "m4=2"]
    assert main(words) == 2
    assert "two values" in capsys.readouterr().err


def test_values_held_are_true_in_expected_data(capsys) -> None:
    words = ("limit", ER, "--signal", "magnetic-moment", "--parameter", "mu_mu", "--asimov")
    assert main([*words, "--set", "mu_e=1", "--method", "profile", "--no-files", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    # Data and model are the same at no mu_mu: nothing is left to differ but roundings.
    assert found["frequentist"]["chi2_min"] == pytest.approx(0.0, abs=1e-6)


def test_one_unit_for_a_question_whatever_the_order() -> None:
    both = [likelihood_of(names, "millicharge", ["q_eff"]) for names in ([ER, NR], [NR, ER])]
    assert {x.parameters[0].unit for x in both} == {"1e-13 e"}
    assert both[0].parameters[0].prior == both[1].parameters[0].prior
    assert likelihood_of([NR], "millicharge", ["q_eff"]).parameters[0].unit == "1e-8 e"
    for tag, name in (("magnetic-moment", "mu_eff"), ("sterile-dipole", "mu_e")):
        found = [likelihood_of(names, tag, [name]) for names in ([ER, NR], [NR, ER])]
        assert found[0].parameters[0] == found[1].parameters[0]


def test_expected_data_of_a_combination_have_the_unit_of_the_combination() -> None:
    together = asimov([NR, ER], "millicharge", {"q_eff": 3.0})
    alone = asimov([ER], "millicharge", {"q_eff": 3.0})
    assert together[ER] == pytest.approx(alone[ER], rel=1e-12)
    # 3e-13 e does nothing to nuclei, 3e-8 e would.
    assert together[NR] == pytest.approx(rates(NR).total, rel=1e-4)


def test_rates_print_the_unit(capsys) -> None:
    assert main(["rates", ER, NR, "--signal", "millicharge", "--set", "q_eff=1"]) == 0
    assert capsys.readouterr().out.count("q_eff = 1 [1e-13 e]") == 2
    assert main(["rates", NR, "--signal", "millicharge", "--set", "q_eff=1"]) == 0
    assert "q_eff = 1 [1e-8 e]" in capsys.readouterr().out


def test_each_experiment_of_a_profile_has_the_unit_of_all(capsys) -> None:
    """Nuclei alone see no 1e-13 e: the range is as long as they need, in that unit."""
    for other in (NR, "lz-2022-er"):
        words = ["profile", other, ER, "--each", "--signal", "millicharge"]
        assert main([*words, "--parameter", "q_eff", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["results"]
        assert [entry["unit"] for entry in found] == 3 * ["1e-13 e"]


@pytest.mark.parametrize("words", ["--level 0.683 --level 0.9", "--level 0.683 0.9"])
def test_a_contour_keeps_all_levels(words: str, capsys) -> None:
    levels = words.split()
    asked = ("contour", ER, "--signal", "magnetic-moment", "--parameters", "mu_e", "mu_mu")
    assert main([*asked, *levels, "--points", "9", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    assert found["levels"] == [0.683, 0.9]
    assert len(found["contours"]) == 2


def test_a_file_of_a_packaged_name_has_no_published_limits_beside_it(tmp_path: Path) -> None:
    own = tmp_path / "lz-2022-er.toml"
    own.write_text('extends = "lz-2022-er"\nexposure_t_yr = 0.5\n')
    packaged = limit(["lz-2022-er"], "magnetic-moment", "mu_eff", method="profile")
    mine = limit([own], "magnetic-moment", "mu_eff", method="profile")
    assert packaged.published
    assert not mine.published


def test_results_of_an_own_file_do_not_go_where_those_of_a_packaged_one_do(
    tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/lz-2022-er.toml").write_text('extends = "lz-2022-er"\n')
    monkeypatch.chdir(tmp_path)
    for name in ("lz-2022-er", "mine/lz-2022-er.toml"):
        assert main(["limit", name, *MOMENT, "--method", "profile", "--no-plots"]) == 0
    assert {path.name for path in (tmp_path / "results").iterdir()} == {
        "lz-2022-er",
        "lz-2022-er-of-mine",
    }


def test_written_files_are_named_with_their_folders(tmp_path: Path, capsys) -> None:
    words = ["limit", ER, *MOMENT, "--method", "profile", "--no-plots", "--export", "csv"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(f"Written to {tmp_path}: ")
    for name in line.removesuffix(".").partition(": ")[2].split(", "):
        assert (tmp_path / name).is_file(), name
