"""The questions, one file each: limits, exclusions, sensitivities, goodness of fit, rates."""
