"""An effective parameter and one that it sets are no two parameters of one fit: they would add."""

import pytest

import bayesnu
from bayesnu.cli import main
from bayesnu.errors import InputError

NAME = "xenonnt-2022-er"
MOMENT = ("limit", NAME, "--signal", "magnetic-moment", "--no-files")
CHARGE = ("limit", NAME, "--signal", "millicharge", "--no-files")
REFUSED = {
    "held": (*MOMENT, "--parameter", "mu_e", "--set", "mu_eff=5"),
    "free": (*MOMENT, "--parameter", "mu_e", "--free", "mu_eff"),
    "a charge": (*CHARGE, "--parameter", "q_eff", "--free", "q_ee"),
    "marginal": (*CHARGE, "--parameter", "q_ee", "--fit", "marginal", "--free", "q_eff"),
    "the other way": (*MOMENT, "--parameter", "mu_eff", "--set", "mu_tau=1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_effective_parameter_is_not_added_to_what_it_sets(case, capsys):
    assert main(REFUSED[case]) == 2
    error = capsys.readouterr().err
    assert "which sets" in error and "expected one of them" in error
    assert error.count("\n") == 1


def test_neither_in_python():
    for free, fixed in ((["mu_e", "mu_eff"], {}), (["mu_e"], {"mu_eff": 5.0})):
        with pytest.raises(InputError, match="which sets mu_e too"):
            bayesnu.likelihood_of([NAME], "magnetic-moment", free, fixed=fixed)


def test_what_does_not_add_is_fitted_together():
    """A transition charge is none that the effective charge sets; zero adds nothing."""
    bayesnu.likelihood_of([NAME], "millicharge", ["q_eff", "q_emu"])
    bayesnu.likelihood_of([NAME], "magnetic-moment", ["mu_e"], fixed={"mu_eff": 0.0})
