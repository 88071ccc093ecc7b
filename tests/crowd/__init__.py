"""Many visitors at once, and for long: `make load`, `make soak`; short forms in the tests."""
