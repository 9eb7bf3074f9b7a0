"""Many fits: pseudo-experiments, calibration, coverage, on one machine or a cluster."""
