"""Folders of videos as data sets: what was published, and the benchmark in the same layout."""
