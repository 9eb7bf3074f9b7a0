"""Read what `bayesnu limit`, `sample` and `run` have written: results, never models."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.errors import InputError
from bayesnu.files.whole import refuse_links
from bayesnu.results.curve import Profile
from bayesnu.results.draws import Column, Columns
from bayesnu.results.limit import Limit
from bayesnu.results.record import RECORD, Record
from bayesnu.results.region import Contour
from bayesnu.results.symbol import safe_symbol
from bayesnu.saved import belonging, reading
from bayesnu.saved.run_info import RUN_JSON, RunInfo, read_run_info
from bayesnu.types import Array

if TYPE_CHECKING:
    import xarray as xr

    from bayesnu.analyses.limit import LimitRun
    from bayesnu.inference.credible import Credible
    from bayesnu.results.comparison import Comparison
    from bayesnu.results.diagnostics import Diagnostics
    from bayesnu.results.exclusion import Exclusion
    from bayesnu.results.sensitivity import Sensitivity


DIAGNOSED = ("sample_stats", "posterior_predictive", "observed_data", "constant_data")
"""Groups of a posterior without which there are no diagnostics: it was cut off."""

DEFAULT_LEVEL = 0.9
"""Of credible intervals that are read off a posterior without a limit."""

EXPECTED = "a folder that `bayesnu limit`, `sample` or `run` has written, or a posterior.nc"


@dataclass(frozen=True, eq=False)
class SavedFit:
    """A limit, or a posterior, that has been saved."""

    name: str
    """Of the step; empty where it is the whole run."""
    limit: Limit | None
    """None for a posterior without one."""
    record: Record | None
    posterior_file: Path | None
    posterior: xr.DataTree | None = None
    """Of a fit that is in memory and in no file."""

    @property
    def has_posterior(self) -> bool:
        """Whether there are draws, on disk or in memory."""
        return self.posterior_file is not None or self.posterior is not None

    @cached_property
    def tree(self) -> xr.DataTree | None:
        """The posterior, read when it is first asked for."""
        from bayesnu.inference.storage import read_posterior

        if self.posterior_file is None:
            return self.posterior
        tree = read_posterior(self.posterior_file)
        made = tree.attrs.get("creation_library")
        if made != "bayesnu":
            raise InputError(
                self.posterior_file, "creation_library", found=made, expected="bayesnu"
            )
        if self.limit is not None:
            belonging.check_same_analysis(self.limit, tree, self.posterior_file)
        return tree

    @cached_property
    def diagnostics(self) -> Diagnostics | None:
        """Of the posterior; None without one, or if it was cut off while sampling."""
        from bayesnu.inference.diagnostics import diagnose

        if self.tree is None or not set(DIAGNOSED) <= set(self.tree.children):
            return None
        return diagnose(self.tree, self.parameter)

    @property
    def parameter(self) -> str:
        """The parameter of interest: the limit's, or the first of the signal."""
        return self.limit.parameter if self.limit is not None else self.signal_parameters()[0]

    @property
    def experiments(self) -> tuple[str, ...]:
        """Names of the experiments."""
        if self.limit is not None:
            return self.limit.experiments
        assert self.tree is not None
        return belonging.experiment_names(self.tree.attrs)

    @property
    def signal(self) -> str:
        """The signal's tag."""
        if self.limit is not None:
            return self.limit.signal
        assert self.tree is not None
        return str(self.tree.attrs.get("signal", ""))

    def signal_parameters(self) -> tuple[str, ...]:
        """Return the signal's parameters in the posterior, the limit's first."""
        if self.tree is None:
            return (self.parameter,)
        names = [name for name, column in self.columns.items() if column.role == "signal"]
        first = [] if self.limit is None else [self.limit.parameter]
        return tuple(dict.fromkeys([*first, *(names or self.columns)]))

    @cached_property
    def columns(self) -> Columns:
        """The draws by parameter; none without a posterior."""
        if self.tree is None:
            return {}
        posterior = self.tree["posterior"].to_dataset()
        return {
            name: Column(
                np.asarray(posterior[name]),
                str(posterior[name].attrs.get("long_name", name)),
                str(posterior[name].attrs.get("unit", "")),
                str(posterior[name].attrs.get("role", "")),
            )
            for name in map(str, posterior)
        }

    def draws(self, parameter: str | None = None) -> Array | None:
        """Return the draws of a parameter (of interest), shape (chains, draws)."""
        found = self.columns.get(parameter or self.parameter)
        return None if found is None else found.values

    def credible(self, parameter: str) -> Credible:
        """Return the credible statement of a posterior that was saved without a limit."""
        from bayesnu.inference.credible import credible
        from bayesnu.inference.diagnostics import saved_prior
        from bayesnu.inference.point_density import from_points

        draws = self.draws(parameter)
        assert self.tree is not None and draws is not None
        prior, one_sided = saved_prior(self.tree, parameter)
        return credible(from_points(draws, prior), one_sided, DEFAULT_LEVEL)

    def latex(self, parameter: str | None = None) -> str:
        """Return a parameter's symbol; its name where none is saved."""
        name = parameter or self.parameter
        entry = self.record.parameter(name) if self.record is not None else None
        symbol = entry.latex if entry is not None else ""
        if not symbol and name in self.columns:
            symbol = self.columns[name].latex
        return safe_symbol("" if symbol == name else symbol, name)

    def unit(self, parameter: str | None = None) -> str:
        """Return a parameter's unit (of interest)."""
        name = parameter or self.parameter
        if self.limit is not None and name == self.limit.parameter:
            return self.limit.unit
        return self.columns[name].unit if name in self.columns else ""


@dataclass(frozen=True, eq=False)
class SavedRun:
    """Everything in a folder."""

    path: Path
    info: RunInfo | None
    """Of a run file's run."""
    fits: tuple[SavedFit, ...]
    profiles: dict[str, tuple[Profile, ...]] = field(default_factory=dict)
    contours: dict[str, tuple[Contour, ...]] = field(default_factory=dict)
    exclusions: dict[str, Exclusion] = field(default_factory=dict)
    sensitivities: dict[str, Sensitivity] = field(default_factory=dict)
    comparisons: dict[str, Comparison] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The run file's title, or what the first fit is."""
        if self.info is not None:
            return self.info.title
        if self.fits:
            fit = self.fits[0]
            return f"{fit.signal}: {', '.join(fit.signal_parameters())}"
        return self.path.name

    @property
    def folder(self) -> Path:
        """The folder, that of a file too."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def has_scans(self) -> bool:
        """Whether there is anything beside limits and posteriors."""
        found = (self.profiles, self.contours, self.exclusions, self.sensitivities)
        return any((*found, self.comparisons))

    def scanned(self) -> list[tuple[tuple[str, ...], str]]:
        """Return experiments and signal of every curve, region and exclusion plane."""
        curves = [(c.experiments, c.signal) for found in self.profiles.values() for c in found]
        regions = [(r.experiments, r.signal) for found in self.contours.values() for r in found]
        planes = [(p.experiments, p.signal) for p in self.exclusions.values()]
        compared = [(c.experiments, c.signal) for c in self.comparisons.values()]
        return [*curves, *regions, *planes, *compared]


def saved_run(run: LimitRun | SavedRun) -> SavedRun:
    """Return a limit that is still in memory as a saved run; a saved run as it is."""
    from bayesnu.analyses.record import record_of

    if isinstance(run, SavedRun):
        return run
    fit = SavedFit("", run.limit, record_of(run), None, run.posterior)
    return SavedRun(Path(run.limit.parameter), None, (fit,))


def read_run(path: str | Path) -> SavedRun:
    """Read a saved result.

    Parameters
    ----------
    path : str or Path
        Folder that `bayesnu limit`, `sample` or `run` wrote, a step's folder inside one, or a
        posterior.nc. Only JSON and netCDF are read.
    """
    path = Path(path)
    try:
        if path.is_file():
            if path.suffix == ".nc":
                return _of_folders(path, None, {"": (path, "sample")})
            path = path.parent
        refuse_links(path)
        if (path / RUN_JSON).is_file():
            info = read_run_info(path)
            for step in info.steps:
                belonging.check_named(path / step.folder, step.files, path / RUN_JSON)
            steps = {
                step.folder: (path / step.folder, str(step.kind))
                for step in info.steps
                if not step.error
            }
            return _of_folders(path, info, steps)
        for kind in (
            "limit",
            "sample",
            "profile",
            "contour",
            "exclusion",
            "sensitivity",
            "compare",
        ):
            if (path / _file_of(kind)).is_file():
                return _of_folders(path, None, {"": (path, kind)})
        found = "no such results" if path.is_dir() else "no such folder"
    except OSError as error:  # a name that is too long
        raise InputError(str(path)[:80], "run", found=error.strerror, expected=EXPECTED) from None
    raise InputError(path, "run", found=found, expected=EXPECTED)


def _file_of(kind: str) -> str:
    return "posterior.nc" if kind == "sample" else f"{kind}.json"


def _of_folders(path: Path, info: RunInfo | None, steps: dict[str, tuple[Path, str]]) -> SavedRun:
    fits = [_fit(f, place, k) for f, (place, k) in steps.items() if k in ("limit", "sample")]
    run = SavedRun(path, info, tuple(fits))
    for folder, (place, kind) in steps.items():
        name, file = folder.partition("-")[2], place / f"{kind}.json"
        if kind == "profile":
            run.profiles[name] = reading.read_profiles(file)
        elif kind == "contour":
            run.contours[name] = reading.read_contours(file)
        elif kind == "exclusion":
            run.exclusions[name] = reading.read_exclusion(file)
        elif kind == "sensitivity":
            run.sensitivities[name] = reading.read_sensitivity(file)
        elif kind == "compare":
            run.comparisons[name] = reading.read_comparison(file)
    return run


def _fit(name: str, place: Path, kind: str) -> SavedFit:
    if kind == "sample":
        file = place if place.is_file() else place / "posterior.nc"
        return SavedFit(name, None, None, file)
    belonging.check_limit_folder(place)
    record = reading.read_record(place / RECORD) if (place / RECORD).is_file() else None
    limit = reading.read_limit(place / "limit.json")
    file = place / "posterior.nc"
    return SavedFit(name, limit, record, file if file.is_file() else None)
