"""Sample the posterior, and wrap it as a DataTree that ArviZ and corner read.

The samplers are those of `bayesnu.inference.samplers`; all see the same density. Here is what they
have in common: where chains start, modes and their weights, repeats, and draws that are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.inference.convergence import quality_of
from bayesnu.inference.datatree import draws_only, how_made, sampled_of, to_datatree
from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import derivatives, minimise
from bayesnu.inference.modes import Piece, find_pieces, mixture, restrict
from bayesnu.inference.profiler import signal_scale
from bayesnu.inference.samplers import sampler_named
from bayesnu.inference.samplers.sampler import LogDensity, Start
from bayesnu.inference.settings import CAREFUL, Settings, careful, harder, more_draws
from bayesnu.inference.storage import check_resumable, read_posterior, write_posterior
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.draws import Mode, Sampled
from bayesnu.results.limit import DIVERGENCE_LIMIT, ESS_LIMIT, R_HAT_LIMIT
from bayesnu.types import Array, Progress

if TYPE_CHECKING:
    import xarray as xr

    from bayesnu.inference.log_posterior import LogPosterior


def sample(
    likelihood: Likelihood,
    settings: Settings | None = None,
    *,
    progress: Progress | None = None,
    store: Path | None = None,
    resume: bool = False,
) -> xr.DataTree:
    """Draw from the posterior.

    Parameters
    ----------
    progress : callable, optional
        Called with the fraction done and a word.
    store : Path, optional
        Draws are written to this netCDF file every few seconds while sampling, and at the end.
        (A posterior of several modes is only written when all modes are there.)
    resume : bool
        Continue the interrupted run in `store`; the chains tune anew. It is refused if that
        run was made differently.

    Returns
    -------
    DataTree
        Groups posterior, sample_stats, log_likelihood, log_prior, prior, prior_predictive,
        posterior_predictive, observed_data, constant_data. After Ctrl-C: what was drawn so
        far, with attribute ``complete`` = 0.

    Raises
    ------
    ComputationError
        If sampling fails, or was interrupted before any draw was kept.
    """
    settings = settings or Settings()
    done = _resume(likelihood, settings, store) if resume and store is not None else None
    wanted = settings
    if done is not None:
        missing = settings.draws - done.draws.shape[1]
        if missing <= 0:
            return to_datatree(likelihood, replace(done, complete=True), asdict(settings))
        wanted = replace(
            settings, draws=max(missing, 4), seed=settings.seed + 7919 * done.draws.shape[1]
        )

    def save(sampled: Sampled) -> None:
        assert store is not None
        tree = draws_only(likelihood, _join(done, sampled), asdict(settings))
        write_posterior(tree, store)

    sampled = _sample(likelihood, wanted, progress, save if store else None)
    tree = to_datatree(likelihood, _join(done, sampled), asdict(settings))
    if store is not None:
        write_posterior(tree, store)
    return tree


def draw_posterior(
    likelihood: Likelihood, settings: Settings, *, progress: Progress | None = None
) -> Sampled:
    """Draw from the posterior, and return the draws alone; `sample` makes a DataTree of them."""
    return _sample(likelihood, settings, progress, None)


def _join(done: Sampled | None, sampled: Sampled) -> Sampled:
    """Append draws to those of an interrupted run."""
    if done is None:
        return sampled
    return replace(
        sampled,
        draws=np.concatenate([done.draws, sampled.draws], axis=1),
        statistics={
            name: np.concatenate([done.statistics[name], values], axis=1)
            for name, values in sampled.statistics.items()
            if name in done.statistics
        },
    )


def _resume(likelihood: Likelihood, settings: Settings, store: Path) -> Sampled | None:
    """Return what an interrupted run has drawn; None if there is nothing to continue."""
    if not Path(store).is_file():
        return None
    tree = read_posterior(store)
    check_resumable(tree, how_made(likelihood, asdict(settings), True), Path(store))
    if "modes" in tree.children:
        raise InputError(
            store, "modes", found="a finished run of several modes", expected="no --resume"
        )
    done = sampled_of(tree, likelihood.names)
    chains = done.draws.shape[0]
    if chains != settings.chains:
        raise InputError(
            store,
            "chains",
            found=f"{chains}, the others had not started",
            expected=f"{settings.chains} (or start again without --resume)",
        )
    return done


def _sample(
    likelihood: Likelihood,
    settings: Settings,
    progress: Progress | None,
    snapshot: Callable[[Sampled], None] | None,
) -> Sampled:
    own = likelihood.density()
    if own is not None:
        return _draw(own, own.start, settings, progress, snapshot)[0]
    pieces = find_pieces(likelihood)
    if len(pieces) == 1:
        sampled = _sample_piece(likelihood, settings, progress, pieces[0], snapshot)[0]
    else:
        sampled = _sample_pieces(likelihood, settings, progress, pieces)
    if sampled.complete:
        check_near_best_fit(likelihood, sampled.draws)
    return sampled


FAR = 30.0
"""The best of all draws is at most so far above the lowest chi2, and twice as far again for each
parameter: chains that never came nearer have missed it."""


def check_near_best_fit(likelihood: Likelihood, draws: Array) -> None:
    """Refuse a posterior whose draws exclude the best fit.

    Raises
    ------
    ComputationError
        With the distance.
    """
    lowest = find_minima(likelihood)[0].chi2
    nearest = float(likelihood.chi2(draws.reshape(-1, draws.shape[-1])).min())
    if nearest - lowest > FAR + 2.0 * draws.shape[-1]:
        words = f"chi2 of the nearest is {nearest - lowest:.4g} above it"
        raise ComputationError(
            f"The draws exclude the best fit: {words}, so the chains sit in a wrong mode."
        )


def _sample_piece(
    likelihood: Likelihood,
    settings: Settings,
    progress: Progress | None,
    piece: Piece,
    snapshot: Callable[[Sampled], None] | None = None,
) -> tuple[Sampled, Array, LogPosterior]:
    """Sample one mode; also return the draws on the unbounded scale, for its evidence."""
    from bayesnu.inference.log_posterior import has_thin_wall, log_posterior

    restricted = restrict(likelihood, piece.bounds)
    compiled = log_posterior(restricted)
    point = starting_point(restricted, piece.best)

    def start(seed: int) -> Array:
        return compiled.to_unbounded(point(seed))

    each = piece.draws_each
    if has_thin_wall(restricted):
        settings, each = careful(settings), max(each, CAREFUL)
    return *_draw(compiled, start, settings, progress, snapshot, each), compiled


def _draw(
    compiled: LogDensity,
    start: Start,
    settings: Settings,
    progress: Progress | None,
    snapshot: Callable[[Sampled], None] | None,
    draws_each: int = 1,
) -> tuple[Sampled, Array]:
    """Draw from a density, again where that was no good; also on the unbounded scale."""
    sampler = sampler_named(settings.backend)
    wanted = settings.draws
    settings = more_draws(settings, draws_each)
    through = compiled.likelihood.route == "graph"
    method = f"{sampler.method} through the graph" if through else sampler.method

    def as_sampled(u: Array, statistics: dict[str, Array], complete: bool) -> Sampled:
        # A sampler that knows of no divergences has none.
        known = {"diverging": np.zeros(u.shape[:2]), **statistics}
        return Sampled(compiled.to_parameters(u), known, complete, method=method)

    def save(u: Array, statistics: dict[str, Array]) -> None:
        if snapshot is not None:
            snapshot(as_sampled(u, statistics, False))

    def attempt(how: Settings) -> tuple[Sampled, Array]:
        drawn = sampler.draw(
            compiled,
            start,
            how,
            progress=progress,
            snapshot=save if snapshot is not None else None,
        )
        sampled = as_sampled(*drawn)
        each = how.draws // wanted
        if not sampled.complete or each == 1:
            return sampled, drawn.draws
        kept = slice(each - 1, None, each)
        statistics = {k: values[:, kept] for k, values in sampled.statistics.items()}
        return (
            replace(sampled, draws=sampled.draws[:, kept], statistics=statistics),
            drawn.draws[:, kept],
        )

    sampled, u = attempt(settings)
    for _ in range(settings.retries):
        if not sampled.complete or _is_fine(sampled):
            break
        settings = harder(settings)
        sampled, u = attempt(settings)
    return sampled, u


def _is_fine(sampled: Sampled) -> bool:
    """Whether a run can be presented as a result."""
    r_hat, *ess = quality_of(sampled.draws)
    divergent = float(np.mean(sampled.statistics["diverging"]))
    enough = min(ess) > min(ESS_LIMIT, 0.1 * sampled.draws.shape[0] * sampled.draws.shape[1])
    return bool(r_hat < R_HAT_LIMIT and enough and divergent <= DIVERGENCE_LIMIT)


def _sample_pieces(
    likelihood: Likelihood,
    settings: Settings,
    progress: Progress | None,
    pieces: tuple[Piece, ...],
) -> Sampled:
    """Sample every mode by itself, and combine them by their evidences."""
    from bayesnu.inference.evidence import log_evidence, weight_errors

    rng = np.random.default_rng([settings.seed, 2])
    runs, evidences, quality = [], [], []
    for number, piece in enumerate(pieces):
        own = replace(settings, seed=settings.seed + 1000 * number)
        report = _with_prefix(progress, f"mode {number + 1} of {len(pieces)}: ")
        run, u, compiled = _sample_piece(likelihood, own, report, piece)
        if not run.complete:
            raise Interrupted(
                f"Interrupted while sampling mode {number + 1} of {len(pieces)}: "
                "a posterior without all modes would be wrong, so none is kept."
            )
        evidences.append(log_evidence(compiled.density_of_one_copy(), compiled.in_one_copy(u), rng))
        runs.append(run)
        quality.append(quality_of(run.draws))
    logs = np.array([evidence.log_value for evidence in evidences])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    draws, piece_of, row = mixture([run.draws for run in runs], weights, rng)
    chain = np.arange(draws.shape[0])[:, None]
    statistics = {
        name: np.stack([run.statistics[name] for run in runs])[piece_of, chain, row]
        for name in runs[0].statistics
    }
    statistics["mode"] = piece_of.astype(float)
    modes = tuple(
        Mode(
            bounds=piece.bounds,
            best=piece.best,
            weight=float(weight),
            weight_error=float(error),
            r_hat=good.r_hat,
            ess_bulk=good.ess_bulk,
            ess_tail=good.ess_tail,
            divergences=int(run.statistics["diverging"].sum()),
        )
        for piece, weight, error, good, run in zip(
            pieces, weights, weight_errors(weights, evidences), quality, runs, strict=True
        )
    )
    return Sampled(draws, statistics, True, modes, runs[0].method)


def _with_prefix(progress: Progress | None, prefix: str) -> Progress | None:
    return progress and (lambda fraction, word: progress(fraction, prefix + word))


def starting_point(
    likelihood: Likelihood, best_point: Mapping[str, float] | None = None
) -> Callable[[int], Array]:
    """Return a function from a chain's seed to a point around the best fit, inside all bounds.

    Parameters
    ----------
    best_point : mapping, optional
        Where to look for the best fit.

    Returns
    -------
    callable
        seed -> ndarray, shape (parameters,).
    """
    start = np.clip(likelihood.point(best_point or {}), likelihood.low, likelihood.high)
    best = minimise(likelihood, start, np.zeros(len(likelihood.names), dtype=bool))
    _, _, hessian = derivatives(likelihood, best.x)
    width = np.sqrt(2.0 / np.maximum(np.diag(hessian), 1e-12))
    for index, parameter in enumerate(likelihood.parameters):
        if parameter.role == "signal":
            width[index] = 0.5 * signal_scale(likelihood, index, 2.0, best.x)
    low, high = likelihood.low, likelihood.high
    margin = 1e-3 * np.where(np.isfinite(high - low), np.minimum(high - low, width), width)

    def draw(seed: int) -> Array:
        rng = np.random.default_rng(seed)
        point = best.x + 0.5 * width * rng.normal(size=len(best.x))
        # Reflect at the bounds, and stay a little inside them.
        point = np.where(point < low, 2.0 * low - point, point)
        point = np.where(point > high, 2.0 * high - point, point)
        return np.asarray(np.clip(point, low + margin, high - margin))

    return draw
