"""Values that a result is for, in words."""

from __future__ import annotations

from collections.abc import Mapping


def values_text(values: Mapping[str, float], units: Mapping[str, str]) -> str:
    """Return values with their units: ``q_eff = 1 [1e-13 e], flux_pp = 1.01``."""
    return ", ".join(
        f"{name} = {value:g}" + (f" [{units[name]}]" if units.get(name) else "")
        for name, value in values.items()
    )


def held_text(fixed: Mapping[str, float], units: Mapping[str, str]) -> str:
    """Return what a fit holds as the end of a phrase: ``, m4 = 0.1 [MeV] held``."""
    return f", {values_text(fixed, units)} held" if fixed else ""


class Held:
    """A result that says its experiments and what was held."""

    experiments: tuple[str, ...]
    fixed: dict[str, float]
    fixed_units: dict[str, str]

    @property
    def label(self) -> str:
        """The experiments."""
        return " + ".join(self.experiments)

    @property
    def held(self) -> str:
        """What was held, as the end of a phrase."""
        return held_text(self.fixed, self.fixed_units)
