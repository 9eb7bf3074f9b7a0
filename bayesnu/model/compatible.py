"""Which experiments can stand in one likelihood: no events twice, one treatment of neutrinos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.names import base_name
from bayesnu.model.beam_terms import is_effective_moment


def check_compatible(experiments: Sequence[Experiment]) -> None:
    """Refuse to count events twice, or to mix treatments of neutrinos.

    Raises
    ------
    InputError
        With the names of the files that clash.
    """
    if not experiments:
        raise InputError("experiments", "list", found="none", expected="at least one")
    for index, one in enumerate(experiments):
        for other in experiments[index + 1 :]:
            if base_name(one.name) == base_name(other.name):
                raise InputError(
                    one.path,
                    "experiments",
                    found=f"{one.name} and {other.name}, which hold the same events",
                    expected="one of them",
                )
            for new, old in ((one, other), (other, one)):
                if new.source_off is not None and new.source_off.name == old.name:
                    raise InputError(
                        old.path,
                        "name of the file",
                        found=f"{old.name}, which is that of the data of {new.name} without source",
                        expected="another name",
                    )
            for new, old in ((one, other), (other, one)):
                if base_name(old.name) in new.file.supersedes:
                    raise InputError(
                        new.path,
                        "supersedes",
                        found=f"{new.name} with {old.name}, whose events it contains",
                        expected="one of them",
                    )
                if base_name(old.name) in new.file.overlaps:
                    raise InputError(
                        new.path,
                        "overlaps",
                        found=f"{new.name} with {old.name}, which may share events",
                        expected="one of them",
                    )
            if _same_data(one, other):
                raise InputError(
                    other.path,
                    "observed",
                    found=f"the counts of {one.name}, from the same table",
                    expected="one of them",
                )
            if is_effective_moment(one) != is_effective_moment(other):
                continue  # the treatment of the one that counts recoils holds for both
            # Limits on effective moments, of whatever source, rest on the same mixing.
            mixed = is_effective_moment(one) or (one.sees_sun and other.sees_sun)
            difference = _difference(one, other, all_of_it=mixed)
            if difference:
                raise InputError(
                    other.path,
                    "neutrinos",
                    found=difference,
                    expected=f"the same treatment as {one.name}",
                )


def with_common_mixing(experiments: Sequence[Experiment]) -> tuple[Experiment, ...]:
    """Return experiments whose mixing angles are nuisances of all if they are of one.

    They are the same angles: held in one and free in another they would be two. Only those that
    count recoils of the sun's neutrinos have a say; beams take the treatment of these.
    """
    counting = [e for e in experiments if e.sees_sun and not is_effective_moment(e)]
    if not any(e.neutrinos.oscillation.nuisances for e in counting):
        return tuple(experiments)
    return tuple(_with_angles(e) if e in counting else e for e in experiments)


def _with_angles(experiment: Experiment) -> Experiment:
    neutrinos = experiment.neutrinos
    oscillation = neutrinos.oscillation.model_copy(update={"nuisances": True})
    changed = neutrinos.model_copy(update={"oscillation": oscillation})
    return replace(experiment, file=experiment.file.model_copy(update={"neutrinos": changed}))


def check_one_material(experiments: Sequence[Experiment], signal: str) -> None:
    """Refuse experiments on several materials where a parameter is that of one; `InputError`."""
    for other in experiments[1:]:
        if other.material.atoms != experiments[0].material.atoms:
            raise InputError(
                f"signal {signal}",
                "experiments",
                found=f"{experiments[0].name} and {other.name}, on different nuclei",
                expected="one material",
            )


def _same_data(one: Experiment, other: Experiment) -> bool:
    """Return whether two files of other names hold the same counts, from one table."""
    a, b = one.observed, other.observed
    if a is None or b is None or not a.any() or not np.array_equal(a, b):
        return False
    return bool({table.digest for table in one.tables} & {table.digest for table in other.tables})


def _difference(one: Experiment, other: Experiment, *, all_of_it: bool) -> str:
    """Return what two experiments say differently about the same neutrinos; empty if nothing.

    Each may have its own components; experiments of different channels, which see different
    components, also their own survival probability and treatment of the target. What neutrinos of
    another source than the sun share with others is the weak mixing angle.
    """
    a, b = one.neutrinos.model_dump(), other.neutrinos.model_dump()
    common = set(a["components"]) & set(b["components"])
    for treatment in (a, b):
        for key in ("flux", "flux_sigma"):
            treatment[key] = {c: v for c, v in treatment[key].items() if c in common}
    own = {"components"} if all_of_it else set(a) - {"sin2_theta_w"}
    if one.file.channel != other.file.channel:
        own |= {"survival", "couplings", "atomic", "neutrino_mass_eV", "nuclei", "form_factor"}
    return ", ".join(f"{key} = {b[key]}" for key in a if key not in own and a[key] != b[key])
