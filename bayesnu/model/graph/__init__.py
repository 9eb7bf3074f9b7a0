"""The likelihood as a graph: from parameters by cross sections and responses to counts."""
