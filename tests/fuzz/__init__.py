"""Damaged, lying and foreign files: `make fuzz`; a short form in the tests."""
