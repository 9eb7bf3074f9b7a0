"""How fast bayesnu is, beside other ways to compute the same: see docs/speed.md."""
