"""Ratios measured in one run, interleaved, so that a busy machine slows all alike."""
