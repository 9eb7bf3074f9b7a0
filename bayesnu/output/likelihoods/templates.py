"""Templates and all that a chi2 needs, for anybody's own code: JSON, or NumPy's npz."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import write_bytes, write_text
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.output.likelihoods.facts import about, bins_of, terms_of

FORMAT = "bayesnu-templates-1"


def write(likelihood: Likelihood, kind: str, folder: Path) -> list[Path]:
    """Write templates.json or templates.npz."""
    facts = {"format": FORMAT, **about(likelihood), "bins": bins_of(likelihood)}
    terms = list(terms_of(likelihood))
    if kind == "json":
        rows = [
            {
                "experiment": term.experiment,
                "component": term.component,
                "factors": term.factors,
                "counts": term.counts,
            }
            for term in terms
        ]
        numbers = {"observed": likelihood.observed, "sigma": likelihood.sigma, "terms": rows}
        return [write_text(folder / "templates.json", plain_json({**facts, **numbers}))]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        templates=likelihood.templates,
        factors=np.array([" * ".join(term.factors) for term in terms]),
        experiments=np.array([term.experiment for term in terms]),
        components=np.array([term.component for term in terms]),
        observed=likelihood.observed,
        sigma=likelihood.sigma,
        about=np.array(plain_json(facts)),
    )
    return [write_bytes(folder / "templates.npz", buffer.getvalue())]
