"""Two things never get one name: in a likelihood, in a posterior, in files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from experiment_files import OWN_COUNTS, OWN_EFFICIENCY, OWN_MODEL

from bayesnu import InputError, MagneticMoment, likelihood_of
from bayesnu.experiments.loading import load
from bayesnu.experiments.model_files import available
from bayesnu.likelihood.names import bin_dim, counts_name, identifier, nuisance_names
from bayesnu.output.names import file_name, nuisance

AWKWARD = (
    *("a-b", "a_b", "a--b", "a__b", "a-_b", "a_-b", "a@b", "a-at-b", "a_at_b", "a at b", "a.b"),
    *("-a", "_a", "a-", "a_", "a-at@b", "a@at-b", "ab", "a b", "a+b"),
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write an experiment of a name with backgrounds of some names; each has its own counts."""
    (tmp_path / "efficiency.csv").write_text(OWN_EFFICIENCY)

    def made(stem: str, background: str) -> Path:
        number = len(list(tmp_path.glob("*.toml")))
        counts = tmp_path / f"counts_{number}.csv"
        counts.write_text(OWN_COUNTS.replace("9,11,9", f"9,11,{9 + number}"))
        path = tmp_path / f"{stem}.toml"
        model = OWN_MODEL.replace("counts.csv", counts.name)
        path.write_text(model.replace("[backgrounds.flat]", f"[backgrounds.{background}]"))
        return path

    return made


def nuisances(*paths: Path) -> tuple[str, ...]:
    likelihood = likelihood_of(paths, "magnetic-moment", ["mu_eff"])
    return tuple(p.name for p in likelihood.parameters if p.role == "background")


def test_different_names_have_different_identifiers() -> None:
    names = [*AWKWARD, *available()]
    for make in (identifier, bin_dim, counts_name, file_name):
        assert len({make(name) for name in names}) == len(names), make


def test_packaged_experiments_keep_their_names() -> None:
    for name in available():
        assert identifier(name) == name.replace("-", "_").replace("@", "_at_")


def test_backgrounds_whose_names_run_together_are_two(write) -> None:
    one, other = write("b", "x_a"), write("a-b", "x")
    names = nuisances(one, other)
    assert len(names) == 4
    assert set(names) == set(nuisances(other, one))
    assert {"background_x_a_of__b", "background_x_of__a_b"} < set(names)
    assert nuisance("background_x_a_of__b", ["b", "a-b"]) == "x a (b)"
    assert nuisance("background_x_of__a_b", ["b", "a-b"]) == "x (a-b)"


def test_files_that_differ_by_a_dash_have_nuisances_of_their_own(write) -> None:
    one, other = write("a-b", "flat"), write("a_b", "flat")
    both = nuisances(one, other)
    assert len(both) == len(nuisances(one)) + len(nuisances(other)) == 4
    stack = likelihood_of([one, other], "magnetic-moment", ["mu_eff"]).stack
    assert len({bin_dim(bins.experiment) for bins in stack}) == 2


def test_a_shared_name_that_is_another_background_is_refused(write) -> None:
    one, other = write("b", "flat"), write("c", "flat")
    other.write_text(other.read_text().replace("flat = true\n", 'flat = true\nshared = "flat_b"\n'))
    with pytest.raises(InputError, match="one name for two things"):
        nuisances(one, other)


class Clash(MagneticMoment):
    """A signal whose parameter has the name of something else."""

    def __init__(self, name: str) -> None:
        mu = next(p for p in MagneticMoment.parameters if p.name == "mu_eff")
        self.parameters = (*MagneticMoment.parameters, replace(mu, name=name))


@pytest.mark.parametrize("name", ["flux_pp", "background_flat_own", "counts_own", "bin_own"])
def test_a_parameter_with_the_name_of_something_else_is_refused(own_model, name: str) -> None:
    with pytest.raises(InputError, match=name):
        likelihood_of([own_model()], Clash(name), [name])


def test_names_do_not_depend_on_what_does_not_collide() -> None:
    wanted = [("background_x", "b"), ("background_x", "a-b"), ("signal", "b")]
    assert nuisance_names(wanted) == {
        ("background_x", "b"): "background_x_b",
        ("background_x", "a-b"): "background_x_a_b",
        ("signal", "b"): "signal_b",
    }
    assert load("lz-2022-er").name == "lz-2022-er"
