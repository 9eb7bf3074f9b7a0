"""A polynomial of counts, with priors."""
