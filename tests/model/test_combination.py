"""Several experiments together: what is shared, and what is refused."""

import pytest
from experiment_files import CURRENT
from monte_carlo import generator

from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import MagneticMoment

THREE = ("xenonnt-2022-er", "lz-2022-er", "pandax4t-2022-er")


def joint(names):
    return build_likelihood([load(name) for name in names], MagneticMoment(), ["mu_eff"])


def test_fluxes_are_shared_and_so_are_backgrounds_of_one_name() -> None:
    names = joint(CURRENT).names
    assert names.count("flux_pp") == names.count("flux_be7") == 1
    assert names.count("background_Xe136") == 1  # LZ and PandaX-4T, both runs
    assert names.count("background_Xe124_LL") == 1
    # XENONnT knows 136Xe to 4%, the others to 16%: one prior cannot hold both.
    assert "background_Xe136_xenonnt_2022_er" in names


def test_the_order_of_experiments_is_irrelevant(upper_limit) -> None:
    forward = upper_limit(list(THREE))
    # The order of sums changes the last digits, the crossing is found to 1e-10.
    assert upper_limit(list(THREE[::-1])) == pytest.approx(forward, rel=1e-7)
    one, other = joint(THREE), joint(THREE[::-1])
    assert set(one.names) == set(other.names)
    order = [one.names.index(name) for name in other.names]
    rng = generator(1)
    for _ in range(10):
        x = one.start * rng.uniform(0.8, 1.2, len(one.start))
        x[0] = rng.uniform(0.0, 1.5)
        assert float(other.chi2(x[order])) == pytest.approx(float(one.chi2(x)), abs=1e-9)


def test_the_combination_is_stronger_than_each(upper_limit) -> None:
    alone = [upper_limit([name]) for name in THREE]
    assert upper_limit(list(THREE)) < min(alone)


def test_without_shared_nuisances_chi2_is_the_sum() -> None:
    parts = [joint([name]) for name in THREE]
    whole = joint(THREE)
    x = whole.start
    total = sum(float(part.chi2_per_bin(part.start).sum()) for part in parts)
    assert float(whole.chi2_per_bin(x).sum()) == pytest.approx(total, rel=1e-12)


def test_two_treatments_of_the_same_events_are_refused() -> None:
    pair = ["xenonnt-2022-er", "xenonnt-2022-er@giunti-ternes-2023"]
    with pytest.raises(InputError, match="hold the same events") as error:
        joint(pair)
    assert all(name in str(error.value) for name in pair)


def test_superseded_events_are_refused_and_both_files_named(variant) -> None:
    path = variant("lz-2024-er", 'supersedes = ["lz-2022-er"]\n', "lz-all")
    for names in ((path, "lz-2022-er"), ("lz-2022-er", path)):
        with pytest.raises(InputError, match="whose events it contains") as error:
            joint(names)
        assert "lz-all" in str(error.value)
        assert "lz-2022-er" in str(error.value)
    with pytest.raises(InputError, match="whose events it contains"):
        joint((path, "lz-2022-er@giunti-ternes-2023"))


def test_different_neutrinos_are_refused() -> None:
    with pytest.raises(InputError, match="the same treatment as"):
        joint(["xenonnt-2022-er@khan-2022", "lz-2022-er"])


def test_one_shared_name_with_two_priors_is_refused(variant) -> None:
    path = variant(
        "pandax4t-2022-er", "[backgrounds.Xe136.prior]\ntype='gaussian'\nrelative_sigma = 0.2\n"
    )
    with pytest.raises(InputError, match=r"nuisance background_Xe136.*as in the other"):
        joint([path, "lz-2022-er"])


def test_all_current_experiments_treat_neutrinos_alike() -> None:
    assert len({repr(load(name).neutrinos) for name in CURRENT}) == 1


def test_the_same_counts_under_two_names_are_refused(own_model):
    first = own_model()
    second = first.parent / "second.toml"
    second.write_text(f'extends = "{first.name}"\nsignal_sigma = 0.1\n')
    with pytest.raises(InputError, match="found the counts of own, from the same table"):
        build_likelihood([load(first), load(second)], MagneticMoment(), ["mu_eff"])
