"""Experiment files and tables with random damage: `bayesnu validate` and `rates` read them."""

from __future__ import annotations

import random
import re

from experiment_files import OWN_COUNTS, OWN_EFFICIENCY, OWN_MODEL, write_own
from fuzzing import Tally, run, working_folder
from fuzzing_files import altered_bytes

WORD = re.compile(r"[\w.+-]+")

JUNK = ["nan", "inf", "-1", "0", "1e999", "1e-320", "true", '""', "[]", "{}", "[[]]", "9" * 400]
JUNK += ["1979-05-27", '"../secret.csv"', '"/dev/zero"', "extends", "[", "]", "=", "\x00", "\u202e"]


def altered(text: str, rng: random.Random) -> bytes:
    """Return a text in which some words, lines or bytes are others."""
    kind = rng.choice(["word", "word", "word", "line", "swap", "bytes"])
    if kind == "bytes":
        return altered_bytes(text.encode(), rng)
    if kind == "word":
        for _ in range(rng.randint(1, 3)):
            places = list(WORD.finditer(text))
            place = rng.choice(places)
            text = text[: place.start()] + rng.choice(JUNK) + text[place.end() :]
        return text.encode()
    lines = text.splitlines()
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    if kind == "line":
        lines[first : first + 1] = [lines[first]] * rng.choice([0, 2, 1000])
    else:
        lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines).encode()


def fuzz_models(number: int, seed: int) -> dict[str, object]:
    """Read many altered experiments and return how many failed, with the first few of them."""
    rng = random.Random(seed)
    tally = Tally()
    with working_folder() as folder:
        path = write_own(folder, OWN_MODEL, OWN_COUNTS, OWN_EFFICIENCY)
        good = {file: file.read_text(encoding="utf-8") for file in folder.iterdir()}
        rates = ["rates", path.name, "--signal", "magnetic-moment"]
        run(rates, 120.0)
        for count in range(number):
            file = rng.choice(sorted(good))
            file.write_bytes(altered(good[file], rng))
            line = rates if count % 10 == 0 else ["validate", path.name]
            tally.run(line, f"{file.name}, input {count}")
            file.write_text(good[file], encoding="utf-8")
            outside = set(folder.iterdir()) - set(good)
            if outside:
                tally.fail(f"input {count} wrote {sorted(outside)}")
                break
    return tally.result()
