"""All published limits: those of the papers that are reproduced, and those of everybody else."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from bayesnu.analyses.bibliography import citations
from bayesnu.analyses.published import PublishedRow, published_rows, scaled, unit_factor
from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.results.ledger import LedgerRow

OURS = {"q_e": "q_ee", "q_mu": "q_mumu", "q_tau": "q_tautau", "r2_e": "r2_ee", "r2_mu": "r2_mumu"}
"""How collaborations call a parameter, and which of ours it is."""

KINDS = {"gemma": "reactor", "lsnd": "accelerator", "darwin": "projection"}
"""By the beginning of an experiment's name; the others see the sun in xenon."""

SHORT = {
    "xenonnt": "XENONnT",
    "lz": "LZ",
    "pandax4t": "PandaX-4T",
    "darwin": "DARWIN",
    "gemma": "GEMMA",
    "lsnd": "LSND",
}
"""How figures call an experiment, by the first word of its name."""

PAPERS = {"xenonnt-2022": ("XENON:2022ltv", "XENONnT 2022")}
"""Rows that are a collaboration's own, and not of a paper that is reproduced."""


@lru_cache(maxsize=1)
def whole_ledger() -> tuple[LedgerRow, ...]:
    """Return all published limits, those of collaborations first."""
    table = read_table("published/ledger.csv")
    columns = {name: table.text_column(name) for name in table.names}
    rows = []
    for row in range(len(table)):
        texts: dict[str, Any] = {name: columns[name][row] for name in columns}
        numbers = [texts.pop(name) for name in ("lower", "upper", "level")]
        low, high, level = (float(text) if text else None for text in numbers)
        texts["parameter"] = OURS.get(texts["parameter"], texts["parameter"])
        rows.append(LedgerRow(**texts, intervals=((low, high),), level=level, fit=""))
    return (*rows, *(found for one in published_rows() for found in _of_paper(one)))


def _of_paper(row: PublishedRow) -> list[LedgerRow]:
    """Return a limit of a paper that is reproduced, for each parameter that it is of."""
    if row.paper in PAPERS:
        return []  # in the ledger as the collaboration's own
    entry = citations()[row.paper].fields
    kind = next((k for name, k in KINDS.items() if row.experiment.startswith(name)), "solar-xenon")
    author = str(entry["author"]).partition(",")[0].removeprefix("{").removesuffix("}")
    label = f"{author} {entry['year']}, {short_name(row.experiment)}"
    beam = {"reactor": "reactor anti-nu_e", "accelerator": "nu_mu and nu_e of stopped pions"}
    sun = "solar mixture" if row.parameter.endswith(("eff", "solar")) else "sun, one flavour's"
    return [
        LedgerRow(
            label=label,
            kind=kind,
            flavour=beam.get(kind, sun),
            signal=row.signal,
            parameter=parameter,
            unit=row.unit,
            intervals=row.intervals,
            level=row.level,
            statement="confidence",
            fit=row.fit,
            source=f"arXiv:{entry['eprint']}",
            read_in=row.location,
            trust="official",
            note=row.note,
            dof=row.dof,
        )
        for parameter in row.parameters
    ]


def short_name(experiments: str) -> str:
    """Return experiments as figures call them: ``XENONnT + LZ``, ``XENONnT + PandaX-4T, 8B``."""
    names = [name.strip().partition("@")[0].partition("-") for name in experiments.split("+")]
    own = [
        f"{SHORT[first]} {rest}" if first == "darwin" else SHORT.get(first, first + sign + rest)
        for first, sign, rest in names
    ]
    nuclear = ", 8B" if all(rest.endswith("8b") for _, _, rest in names) else ""
    return " + ".join(own) + nuclear


def ledger(parameter: str, unit: str = "") -> tuple[LedgerRow, ...]:
    """Return the published limits on a parameter in one unit, the strongest first.

    Parameters
    ----------
    unit : str
        Default: that of the first row.

    Raises
    ------
    InputError
        If there is none.
    """
    found = [row for row in whole_ledger() if row.parameter == parameter]
    if not found:
        known = sorted({row.parameter for row in whole_ledger()})
        raise InputError("--parameter", "parameter", found=parameter, expected=" | ".join(known))
    unit = unit or found[0].unit
    try:
        rows = [
            replace(row, unit=unit, intervals=scaled(row.intervals, unit_factor(row.unit, unit)))
            for row in found
        ]
    except ValueError:
        raise InputError(
            "--unit", "unit", found=unit, expected=f"one like {found[0].unit}"
        ) from None
    return tuple(sorted(rows, key=_strength))


def related(parameter: str) -> tuple[str, ...]:
    """Return the other parameters of the same signals that have published limits."""
    signals = {row.signal for row in whole_ledger() if row.parameter == parameter}
    return tuple(
        dict.fromkeys(
            row.parameter
            for row in whole_ledger()
            if row.signal in signals and row.parameter != parameter
        )
    )


def _strength(row: LedgerRow) -> float:
    """Return the size of the largest end."""
    ends = [abs(end) for interval in row.intervals for end in interval if end is not None]
    return max(ends, default=float("inf"))
