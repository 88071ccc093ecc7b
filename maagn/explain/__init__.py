"""From a run to answers: when, which stream, where."""
