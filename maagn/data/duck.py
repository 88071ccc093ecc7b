"""DuckDB as it is used here: in memory, on local Parquet files, with a bound on its memory."""

from functools import partial

import duckdb

_MEMORY = "512MB"
_THREADS = 2

connect = partial(
    duckdb.connect,
    config={
        "memory_limit": _MEMORY,
        "threads": _THREADS,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    },
)
"""A new database; nothing is fetched for it, it knows Parquet by itself.

No function with an annotation of DuckDB's: what checks annotations in tests keeps their types to
the end, and DuckDB then lists all that it has as leaked.
"""
