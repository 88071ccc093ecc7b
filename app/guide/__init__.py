"""The paper beside its code: which row of docs/paper.md is which module."""
