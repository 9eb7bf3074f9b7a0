"""The compiled fit: minima of chi2 within bounds, of every kind of likelihood, and its start-up."""

from __future__ import annotations

import os
import signal as signals
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from monte_carlo import generator
from scipy.optimize import minimize
from toy_likelihoods import central, nuisance, polynomial, signal, uncertain_efficiency

from bayesnu.analyses.question import likelihood_of
from bayesnu.inference import kept_code, machine_code
from bayesnu.inference.block import pack, with_data
from bayesnu.inference.minimise import derivatives, minimise, minimise_block
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import flat, gaussian

CHARGES = ("q_ee", "q_mumu", "q_emu")


@pytest.fixture(scope="module")
def charges() -> Likelihood:
    """Poisson and Gaussian bins, parameters that enter alone, squared and as products."""
    names = ["xenonnt-2022-er@giunti-ternes-2023", "lz-2022-er@giunti-ternes-2023"]
    return likelihood_of(names, "millicharge", CHARGES)


def points(likelihood: Likelihood, number: int) -> list[np.ndarray]:
    rng = generator(2)
    signal = np.array([p.role == "signal" for p in likelihood.parameters])
    width = np.where(signal, 5.0, 0.2)
    draws = likelihood.start + width * rng.normal(size=(number, len(signal)))
    return list(np.clip(draws, likelihood.low, likelihood.high))


@pytest.mark.parametrize("kind", ["charges", "log-normal"])
def test_the_hessian_is_that_of_finite_differences(charges: Likelihood, kind: str) -> None:
    likelihood = charges if kind == "charges" else uncertain_efficiency()
    for x in points(likelihood, 4):
        chi2, gradient, hessian = derivatives(likelihood, x)
        other, slope = likelihood.chi2_and_gradient(x)
        # The same sums in another order.
        assert chi2 == pytest.approx(other, rel=1e-12)
        np.testing.assert_allclose(gradient, slope, atol=1e-11 * np.abs(slope).max())
        numeric = central(lambda point: likelihood.chi2_and_gradient(point)[1], x, 1e-4)
        # The gradient is exact; its rounding over the step leaves 1e-8 of the largest entry.
        np.testing.assert_allclose(hessian, numeric, atol=1e-8 * np.abs(hessian).max())


def test_a_fit_ends_where_a_general_minimiser_finds_nothing_lower(charges: Likelihood) -> None:
    held = np.zeros(len(charges.names), dtype=bool)
    held[charges.index("q_ee")] = True
    bounds = list(zip(charges.low, charges.high, strict=True))
    for start in points(charges, 4):
        found = minimise(charges, start, held)
        assert found.converged
        assert found.x[held] == start[held]
        assert found.chi2 == pytest.approx(float(charges.chi2(found.x)), rel=1e-12)
        own = [(v, v) if h else b for v, h, b in zip(found.x, held, bounds, strict=True)]
        other = minimize(
            charges.chi2_and_gradient,
            np.clip(found.x + np.where(held, 0.0, 0.01), charges.low, charges.high),
            jac=True,
            method="L-BFGS-B",
            bounds=own,
            options={"ftol": 1e-15, "gtol": 1e-8},
        )
        # A fit ends where a step promises less than 1e-8.
        assert found.chi2 <= other.fun + 2e-8


def test_a_fit_that_starts_where_chi2_is_not_convex_goes_down() -> None:
    """Halfway between two mirror minima: the one Newton step would be to the top."""
    likelihood = polynomial(
        [signal("s", flat(-5.0, 5.0)), nuisance("n", gaussian(1.0, 0.1))],
        {("s", "s"): [3.0, 5.0], ("n",): [10.0, 10.0]},
        [22.0, 31.0],
    )
    found = minimise(likelihood, np.array([0.05, 1.0]), np.zeros(2, dtype=bool))
    assert found.converged
    assert found.x[0] == pytest.approx(2.0, abs=0.2)
    grid = np.stack(np.meshgrid(np.linspace(0, 5, 501), np.linspace(0.7, 1.3, 61)), axis=-1)
    assert found.chi2 <= likelihood.chi2(grid).min()


def test_everything_held_is_no_fit(charges: Likelihood) -> None:
    (x,) = points(charges, 1)
    found = minimise(charges, x, np.ones(len(x), dtype=bool))
    assert np.array_equal(found.x, x)
    assert found.chi2 == pytest.approx(float(charges.chi2(x)), rel=1e-12)


def test_a_fit_of_other_data_needs_no_other_likelihood(charges: Likelihood) -> None:
    free = np.zeros(len(charges.names), dtype=bool)
    observed = charges.observed + 3.0
    block = with_data(pack(charges), charges.centre, observed)
    found = minimise_block(block, charges.start, free)
    expected = minimise(charges.with_observed(observed), charges.start, free)
    assert found.chi2 == expected.chi2
    np.testing.assert_array_equal(found.x, expected.x)


def test_a_wrong_number_of_values_is_refused(charges: Likelihood) -> None:
    with pytest.raises(ValueError, match="of"):
        minimise(charges, np.zeros(2), np.zeros(2, dtype=bool))


CODE = """
import sys
import threading
from bayesnu.inference.minimise import minimise
from bayesnu.analyses.question import likelihood_of
import numpy as np
likelihood = likelihood_of(["lz-2022-er"], "magnetic-moment", ["mu_eff"])
fit = minimise(likelihood, likelihood.start, np.zeros(len(likelihood.names), dtype=bool))
print("numba" in sys.modules, fit.converged)
"""


def test_a_fit_does_not_import_numba_once_it_is_compiled(charges: Likelihood) -> None:
    minimise(charges, charges.start, np.zeros(len(charges.names), dtype=bool))
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True"]


def test_machine_code_that_is_not_whole_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    key = machine_code._key()
    assert kept_code.read(key) is None
    assert kept_code.keep(key, b"machine code")
    assert kept_code.read(key) == b"machine code"
    (kept,) = tmp_path.glob("*/*")
    whole = kept.read_bytes()
    for torn in (whole[:-1], b"", whole[:-1] + b"?"):
        kept.write_bytes(torn)
        assert kept_code.read(key) is None


def test_ctrl_c_between_compiled_fits_is_an_interruption(charges: Likelihood) -> None:
    free = np.zeros(len(charges.names), dtype=bool)
    minimise(charges, charges.start, free)
    threading.Timer(0.05, signals.raise_signal, [signals.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(10**6):
            minimise(charges, charges.start, free)


@pytest.mark.parametrize("what", ["file", "folder", "folder above", "link", "other owner"])
def test_machine_code_that_others_could_have_written_is_not_used(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = tmp_path / "cache"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(above))
    assert kept_code.keep("key", b"machine code")
    (kept,) = above.glob("*/*")
    if what == "other owner":
        monkeypatch.setattr(kept_code, "_owners", lambda: (os.geteuid() + 1,))
    elif what == "link":
        kept.rename(above / "elsewhere")
        kept.symlink_to(above / "elsewhere")
    else:
        {"file": kept, "folder": kept.parent, "folder above": above}[what].chmod(0o777)
    assert kept_code.read("key") is None
    assert kept_code.keep("other", b"machine code") is (what in ("file", "link"))


def test_without_a_folder_for_machine_code_it_is_compiled_in_memory_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    code = Path(kept_code.FOLDER / machine_code._key())
    if not code.is_file():
        pytest.skip("the compiled code of this installation is kept elsewhere")
    monkeypatch.setattr(machine_code, "_compile", lambda _: code.read_bytes()[kept_code.DIGEST :])
    machine_code._engine.cache_clear()
    engine = machine_code._engine()
    assert engine is not None
    assert engine.get_function_address("bayesnu_minimise")
    assert machine_code._engine().get_function_address("bayesnu_copy")
    said = capsys.readouterr().err
    assert said.count("compiling for this processor, once") == 1
    assert said.count("no folder keeps the compiled code") == 1


@pytest.mark.parametrize("error", [EOFError("Ran out of input"), PermissionError(13, "denied")])
def test_without_numbas_cache_a_pymc_model_is_compiled_in_memory(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    from pytensor import config

    from bayesnu.inference.samplers.pymc import without_broken_cache

    def compiled() -> str:
        if config.numba__cache:
            raise error
        return "compiled"

    with config.change_flags(numba__cache=True):
        assert without_broken_cache(compiled) == "compiled"
        assert config.numba__cache
    assert capsys.readouterr().err.count("numba's cache is no use") == 1
