"""DuckDB as it is used here: in memory, on local Parquet files, with a bound on its memory."""

import duckdb

_MEMORY = "512MB"
_THREADS = 2


def connect() -> duckdb.DuckDBPyConnection:
    """A new database; nothing is fetched for it, it knows Parquet by itself."""
    return duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "threads": _THREADS,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
