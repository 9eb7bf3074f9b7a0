"""An independent referee: the package's limits beside dense scans, MINOS and grid integrals."""
