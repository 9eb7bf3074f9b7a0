"""The house: a folder imports only folders below it, and no two modules import each other."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "bayesnu"

FLOORS = (
    ("types", "errors", "interrupt"),
    ("files",),
    ("results",),
    ("physics", "likelihood"),
    ("experiments", "inference"),
    ("model", "campaigns"),
    ("analyses",),
    ("saved",),
    ("output",),
    ("papers", "run_file"),
    ("cli",),
)
"""From the ground up; rooms on one floor do not know each other. docs/architecture.md draws it."""

FACES = ("__init__", "__main__", "moments")
"""Modules at the top that only pass names on."""

LONGEST = 350
"""Lines of a module: more than one idea is likely."""


def _modules() -> dict[str, ast.Module]:
    paths = sorted(PACKAGE.rglob("*.py"))
    names = [".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts) for p in paths]
    trees = [ast.parse(path.read_text()) for path in paths]
    return {n.removesuffix(".__init__"): tree for n, tree in zip(names, trees, strict=True)}


MODULES = _modules()


def _imported(tree: ast.Module) -> set[str]:
    """Return the modules of the package that one imports, inside functions too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bayesnu."):
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = members & MODULES.keys()
            found |= modules | ({node.module} if len(modules) < len(members) else set())
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & MODULES.keys()
    return found


IMPORTS = {name: _imported(tree) for name, tree in MODULES.items()}


def _floor(module: str) -> int:
    room = module.split(".")[1]
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


def test_every_room_stands_on_a_floor() -> None:
    rooms = {module.split(".")[1] for module in MODULES if "." in module} - set(FACES)
    assert rooms == {room for rooms in FLOORS for room in rooms}


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"bayesnu"}))
def test_a_module_imports_only_its_own_room_and_rooms_below(module: str) -> None:
    room = module.split(".")[1]
    if room in FACES:
        return
    for other in IMPORTS[module]:
        if other.split(".")[1] != room:
            assert _floor(other) < _floor(module), f"{module} imports {other}"


UNSEEN = {
    "likelihood": {"physics", "experiments"},
    "inference": {"physics", "experiments"},
    "campaigns": {"physics", "experiments"},
    "physics": {"inference", "campaigns"},
    "experiments": {"inference", "campaigns", "physics.signals"},
}
"""What the two towers, statistics and physics, do not see of each other."""


@pytest.mark.parametrize(("room", "unseen"), UNSEEN.items(), ids=UNSEEN)
def test_the_towers_do_not_see_each_other(room: str, unseen: set[str]) -> None:
    for module in MODULES:
        if module.split(".")[1:2] == [room]:
            for other in IMPORTS[module]:
                assert not any(f"{other}.".startswith(f"bayesnu.{name}.") for name in unseen), (
                    f"{module} imports {other}"
                )


def test_no_module_imports_itself_by_way_of_others() -> None:
    tuple(TopologicalSorter(IMPORTS).static_order())  # a CycleError names the circle


def test_modules_hold_one_idea() -> None:
    lines = {name: tree.body[-1].end_lineno for name, tree in MODULES.items() if tree.body}
    assert {name: n for name, n in lines.items() if n and n > LONGEST} == {}


def test_few_functions_take_many_arguments() -> None:
    def count(node: ast.FunctionDef) -> int:
        own = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        return len([name for name in own if name not in ("self", "cls")])

    many = [
        f"{module}.{node.name}"
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and count(node) >= 8
    ]
    assert len(many) <= 5, many
