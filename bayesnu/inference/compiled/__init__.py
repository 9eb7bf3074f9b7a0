"""What is compiled: the log-posterior and its gradient, the derivatives of chi2, and the fit.

These modules are imported only to be compiled; `bayesnu.inference.machine_code` keeps what comes
out, and loads it without them and without numba. Nothing here allocates memory but through the
system, and nothing raises: the machine code must need nothing of numba's.
"""
