"""One file per page, with its panels: choose, compute, draw."""
