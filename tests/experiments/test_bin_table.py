"""P(bin | true energy) in a table, for signal, spectra and lines alike."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from experiment_files import OWN_EFFICIENCY, OWN_MODEL
from scipy.special import ndtr

from bayesnu.analyses.description import describe
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import standard_model_counts
from bayesnu.physics.signals import MagneticMoment

EFFICIENCY = '[efficiency]\ntable = "efficiency.csv"\nenergy = "true"\n\n'
RESOLUTION = "[resolution]\ncoefficients = [0.3]\npowers = [0.5]\n"
RESPONSE = '[response]\ntable = "response.csv"\n'
EDGES = np.array([1.0, 3.0, 5.0, 7.0, 9.0, 11.0])
SPECTRUM = """
[backgrounds.spectrum]
spectrum = { table = "spectrum.csv", column = "density" }
decays_per_t_yr = 30
prior = { type = "free" }
"""
Write = Callable[..., Path]


def chances(energy: np.ndarray) -> np.ndarray:
    """Return what the own experiment's efficiency and Gaussian make of energies, by hand."""
    points, values = np.loadtxt(OWN_EFFICIENCY.splitlines(), delimiter=",", skiprows=1).T
    seen = np.interp(energy, points, values, left=0.0)
    below = ndtr((EDGES[:, None] - energy) / (0.3 * np.sqrt(energy)))
    return np.asarray(seen * np.diff(below, axis=0))


def rows_of(number: int) -> np.ndarray:
    """Return rows of a table with so many energies: denser ones hold the coarser ones' too."""
    energy = np.union1d(np.linspace(0.5, 18.0, number), [1.0, 2.0])
    table = np.column_stack([energy, chances(energy).T])
    table[-1, 1:] = 0.0  # 6e-9 of them
    return table


def line(energy: float) -> str:
    """Return a background of one line that decays as often as all is exposed."""
    return (
        f"[backgrounds.one]\nlines = [{{ energy_keV = {energy} }}]\n"
        'decays_per_t_yr = 1.0\nprior = { type = "free" }\n'
    )


@pytest.fixture
def tabulated(own_model: Write) -> Write:
    """Write the user's own experiment with a table instead of efficiency and resolution."""

    def write(
        rows: Sequence[Sequence[float]] | np.ndarray | None = None,
        entry: str = RESPONSE,
        more: str = "",
        names: str = "energy_keV,bin_1,bin_2,bin_3,bin_4,bin_5",
    ) -> Path:
        path = own_model(model=OWN_MODEL.replace(EFFICIENCY + RESOLUTION, entry) + more)
        rows = rows_of(201) if rows is None else rows
        lines = [names, *(",".join(f"{value:.17g}" for value in row) for row in rows)]
        (path.parent / "response.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        spectrum = "energy_keV,density\n0,3\n4,1\n7,2\n30,0\n"
        (path.parent / "spectrum.csv").write_text(spectrum, encoding="utf-8")
        return path

    return write


def test_a_table_of_a_gaussian_is_that_gaussian_but_for_its_interpolation(tabulated: Write) -> None:
    assert EFFICIENCY + RESOLUTION in OWN_MODEL

    def counts(path: Path) -> np.ndarray:
        experiment = load(path)
        folded = [b.counts for b in experiment.backgrounds if b.name != "line"]
        return np.array([standard_model_counts(experiment), *folded])

    exact = counts(tabulated(entry=EFFICIENCY + RESOLUTION, more=SPECTRUM))
    off = [
        np.abs(counts(tabulated(rows_of(n), more=SPECTRUM)) / exact - 1).max() for n in (176, 351)
    ]
    # Lines between rows h apart miss at most h^2 / 8 times the curvature of P(bin | E), which is
    # 0.24 / sigma^2: with h = 0.1 keV at 1 keV, 0.3% of a bin's height, of both signs.
    assert off[0] < 1e-3
    assert off[1] == pytest.approx(off[0] / 4, rel=0.2)


def test_the_signal_is_seen_as_the_table_says(tabulated: Write) -> None:
    experiment = load(tabulated())
    rows, grid = rows_of(201), experiment.grid
    at = [np.interp(grid.energy, rows[:, 0], column) for column in rows[:, 1:].T]
    assert experiment.response == pytest.approx(np.array(at) * grid.weight, rel=1e-12, abs=1e-300)
    assert grid.energy[-1] > 17.9


@pytest.mark.parametrize("energy", [0.5125, 2.0, 7.3, 17.3, 40.0])
def test_a_line_is_seen_with_the_chances_of_its_energy(tabulated: Write, energy: float) -> None:
    rows = rows_of(201)
    experiment = load(tabulated(rows, more=line(energy)))
    found = next(b for b in experiment.backgrounds if b.name == "one")
    at = [np.interp(energy, rows[:, 0], column, right=0.0) for column in rows[:, 1:].T]
    assert found.counts == pytest.approx(at, rel=1e-12, abs=1e-300)


def test_recoils_below_a_cut_are_not_seen_whatever_the_table_says(tabulated: Write) -> None:
    rows = [(0.0, 0.5, 0, 0, 0, 0), (12.0, 0.5, 0.2, 0, 0, 0), (13.0, 0, 0, 0, 0, 0)]
    cut = "lowest_recoil_keV = 2.5\n"
    experiment = load(tabulated(rows, cut + RESPONSE, line(2.4)))
    assert next(b for b in experiment.backgrounds if b.name == "one").counts.sum() == 0.0
    below = experiment.grid.energy < 2.5
    assert below.any()
    assert (experiment.response[:, below] == 0).all()
    assert (experiment.response[0, ~below] > 0).all()
    # It may begin with the cut.
    load(tabulated([(2.5, *rows[0][1:]), *rows[1:]], cut + RESPONSE))


def test_nuisances_of_the_efficiency_move_all_that_goes_through_the_table(
    tabulated: Write,
) -> None:
    more = line(6.0) + (
        '[nuisances.seen]\nkind = "efficiency"\nsigma = 0.1\n'
        '[nuisances.cut]\nkind = "efficiency"\nsigma = 0.05\n'
        "[[correlations]]\nnames = ['seen', 'cut']\nmatrix = [[1.0, 0.6], [0.6, 1.0]]\n"
        '[nuisances.size]\nkind = "norm"\nsigma = 0.2\ncomponents = ["one"]\n'
        '[nuisances.theory]\nkind = "atomic"\n'
    )
    experiment = load(tabulated(more=more))
    one = next(b for b in experiment.backgrounds if b.name == "one")
    # The first of correlated ones moves the second with it.
    for terms in (one.terms, experiment.responses[0].terms):
        slope = terms[("seen",)]
        assert slope == pytest.approx(
            terms[()] * (1.1 * 1.03 - 0.9 * 0.97) / 2, rel=1e-10, abs=1e-20
        )
    likelihood = build_likelihood([experiment], MagneticMoment(), ["mu_eff"])
    names = " ".join(parameter.name for parameter in likelihood.parameters)
    assert all(name in names for name in ("seen", "cut", "size", "theory"))


GOOD = ((0.5, 0, 0, 0, 0, 0), (6.0, 0.1, 0.2, 0.3, 0.2, 0.1), (18.0, 0, 0, 0, 0, 0))
FULL = (6.0, 0.1, 0.2, 0.5, 0.2, 0.1)


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"names": "energy_keV,p,q,r,s,t"}, "columns", "columns that start with 'bin_'"),
        ({"names": "energy_keV,bin_1,q,r,s,t"}, "columns", "5, one for every bin"),
        ({"names": "energy,bin_1,bin_2,bin_3,bin_4,bin_5"}, "columns", "a column 'energy_keV'"),
        ({"rows": GOOD[::-1]}, "energy_keV, row 2", "more than 18"),
        ({"rows": (GOOD[0], (6.0, 0.1, -0.2, 0, 0, 0), GOOD[2])}, "bin_2, row 2", "at least 0"),
        ({"rows": (GOOD[0], (6.0, 0.1, 1.2, 0, 0, 0), GOOD[2])}, "bin_2, row 2", "at most 1"),
        ({"rows": (GOOD[0], FULL, GOOD[2])}, "row 2", "at most 1 in all"),
        ({"rows": GOOD[1:]}, "row 1", "zeros, for below it nothing is seen"),
        ({"rows": GOOD[:2]}, "row 2", "zeros, for above it nothing is seen"),
        ({"rows": (GOOD[0], GOOD[2])}, "bin_", "above zero"),
        ({"entry": EFFICIENCY + RESPONSE}, "efficiency", "either response or efficiency"),
        ({"entry": RESOLUTION + RESPONSE}, "resolution", "either response or resolution"),
        (
            {"entry": '[reconstruction]\ntable = "reconstruction.csv"\n' + RESPONSE},
            "reconstruction",
            "either response or reconstruction",
        ),
        ({"entry": ""}, "efficiency", "this key"),
    ],
)
def test_a_wrong_table_is_refused_with_one_sentence(
    tabulated: Write, change: dict[str, object], key: str, expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        load(tabulated(**({"rows": GOOD} | change)))
    assert key in caught.value.key
    assert expected in caught.value.expected
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("nuisance", "expected"),
    [
        ('kind = "threshold"\nsigma = 0.1', "threshold moves an efficiency"),
        ('kind = "energy-scale"\nsigma = 0.1', "needs a resolution"),
        ('kind = "energy-shift"\nsigma = 0.1', "needs a resolution"),
        ('kind = "resolution"\nsigma = 0.1', "needs a resolution"),
        (
            'kind = "efficiency"\nup = { table = "e.csv", column = "u" }\n'
            'down = { table = "e.csv", column = "d" }',
            "moved by sigma",
        ),
    ],
)
def test_nuisances_of_what_a_table_does_not_have_are_refused(
    tabulated: Write, nuisance: str, expected: str
) -> None:
    with pytest.raises(InputError, match=expected):
        load(tabulated(GOOD, more=f"[nuisances.mine]\n{nuisance}\n"))


def test_a_file_replaces_an_inherited_efficiency_by_a_response(tabulated: Write) -> None:
    path = tabulated(GOOD, EFFICIENCY + RESOLUTION)
    other = path.with_name("other.toml")
    start = 'extends = "own.toml"\n'
    other.write_text(start + RESPONSE, encoding="utf-8")
    with pytest.raises(InputError, match="drops an inherited one"):
        load(other)
    replaces = 'replaces = ["efficiency", "resolution"]\n'
    other.write_text(start + replaces + RESPONSE, encoding="utf-8")
    assert load(other).file.efficiency is None


def test_nuclear_recoils_that_are_quenched_have_no_response_of_electrons(tabulated: Write) -> None:
    path = tabulated(GOOD)
    text = path.read_text(encoding="utf-8").replace("electron-recoil", "quenched-recoil")
    path.write_text(text + '[quenching]\nmodel = "lindhard"\nk = 0.16\n', encoding="utf-8")
    with pytest.raises(InputError, match="a response is of electrons"):
        load(path)


def test_the_page_names_the_table(tabulated: Write) -> None:
    facts = dict(describe(tabulated(GOOD, RESPONSE + 'source = "Geant4"\n'), toys=0).facts)
    assert facts["response"] == "P(bin | true energy) from response.csv (Geant4)"
    assert not {"efficiency", "resolution"} & set(facts)
