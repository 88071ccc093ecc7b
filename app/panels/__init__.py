"""One value in, drawing out."""
