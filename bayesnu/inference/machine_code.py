"""Machine code of `bayesnu.inference.compiled`: made once by numba, kept on disk, called by ctypes.

Importing numba takes longer than a whole profile. So what it compiles is kept as an object
file, which LLVM (llvmlite) links into the process in a hundredth of the time; numba is imported
only where there is none for this processor and these sources yet. `bayesnu.inference.kept_code`
says which files are trusted.

``python -m bayesnu.inference.machine_code`` makes it at once, as an installation does.
"""

from __future__ import annotations

import hashlib
import re
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from bayesnu.inference import kept_code

FOLDER = Path(__file__).parent
SOURCES = (
    *(FOLDER / name for name in ("block.py", "layout.py", "maps.py")),
    *sorted((FOLDER / "compiled").glob("*.py")),
)

_LIBRARY = re.compile(r"(numba_|NRT_)\w+")
"""Functions of numba's own library. They belong to paths that are never taken (nothing here
raises or owns an array), and are not there without numba."""

_engines: list[Any] = []
"""Whoever holds an address needs its engine to live."""


@cache
def address(name: str) -> int:
    """Return the address of one of `entries.ENTRIES`."""
    engine = _engine()
    if engine is None:
        from bayesnu.inference.compiled.entries import ENTRIES

        return int(ENTRIES[name].address)
    return int(engine.get_function_address(f"bayesnu_{name}"))


@cache
def _engine() -> Any | None:
    """Return what holds the machine code; None if it cannot do without numba here."""
    machine = _machine()
    key = _key()
    code = kept_code.read(key)
    if code is None:
        say("bayesnu: compiling for this processor, once: about 20 s.")
        code = _compile(machine)
        if code is None:
            return None
        if not kept_code.keep(key, code):
            say(
                "bayesnu: warning: no folder keeps the compiled code, so every start compiles "
                "anew; NUMBA_CACHE_DIR can name one that is yours alone."
            )
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return engine


def say(sentence: str) -> None:
    """Print a sentence on stderr, over the progress line; workers leave it to who started them."""
    import multiprocessing

    if sys.stderr is None or multiprocessing.parent_process() is not None:
        return
    start, width = ("\r", 79) if sys.stderr.isatty() else ("", 0)
    print(f"{start}{sentence.ljust(width)}", file=sys.stderr, flush=True)


def _machine() -> Any:
    if hasattr(llvm, "initialize_native_target"):
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )


def _key() -> str:
    """Return a name for machine code: of these sources, for this processor, by these compilers."""
    digest = hashlib.sha256()
    for part in (
        version("numba"),
        version("llvmlite"),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        llvm.get_process_triple(),
    ):
        digest.update(part.encode())
    for source in SOURCES:
        digest.update(source.read_bytes())
    return f"compiled-{digest.hexdigest()[:20]}.o"


def _compile(machine: Any) -> bytes | None:
    """Compile all entries to one object file that needs nothing but the C library.

    None if it needs more: LLVM would end the process for a function that it cannot find.
    """
    from bayesnu.inference.compiled.entries import ENTRIES

    whole = llvm.parse_assembly("")
    for name, entry in ENTRIES.items():
        module = llvm.parse_assembly(entry.inspect_llvm())
        module.get_function(entry.native_name).name = f"bayesnu_{name}"
        whole.link_in(module)
    missing = [f for f in whole.functions if f.is_declaration and _LIBRARY.fullmatch(f.name)]
    whole.link_in(llvm.parse_assembly("\n".join(map(_never_called, missing))))
    for function in whole.functions:  # numba's own engine has made those of this process known
        own = function.is_declaration and not function.name.startswith("llvm.")
        if own and llvm.address_of_symbol(function.name) is None:
            return None
    return bytes(machine.emit_object(whole))


def _never_called(function: Any) -> str:
    """Return a definition for a function that is only declared."""
    declared = re.sub(r"( local_unnamed_addr| unnamed_addr| #\d+)+\s*$", "", str(function).strip())
    return declared.replace("declare", "define", 1) + " { unreachable }"


if __name__ == "__main__":
    address("minimise")
