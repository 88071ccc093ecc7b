"""Runs over whole sets of videos: asked once, kept as Parquet tables, queried from there."""
