"""One file a page, with its panels: choose, compute, draw."""
