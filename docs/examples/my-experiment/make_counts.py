"""Draw the example's counts from its own expectation, once, with a fixed seed."""

from pathlib import Path

import numpy as np

from bayesnu import rates

here = Path(__file__).parent
edges = np.arange(1.0, 32.0)
header = """# title: Counts of an invented detector
# source: drawn with make_counts.py from the expectation of my-experiment.toml, no moment
# trust: user
low_keV,high_keV,counts
"""


def write(counts: np.ndarray) -> None:
    """Write a table of counts in 1 keV bins."""
    rows = zip(edges[:-1], edges[1:], counts, strict=True)
    text = header + "".join(f"{low:g},{high:g},{count:.0f}\n" for low, high, count in rows)
    (here / "counts.csv").write_text(text)


write(np.zeros(30))  # the file is read with the experiment, but does not enter its expectation
expected = rates(here / "my-experiment.toml").total
write(np.random.default_rng(1).poisson(expected))
