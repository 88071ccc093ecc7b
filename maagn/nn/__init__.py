"""The network, one figure of the paper a file."""
