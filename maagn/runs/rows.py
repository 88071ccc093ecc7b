"""Columns of a run's tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def names(models: Sequence[str], number: int, count: int) -> pa.DictionaryArray:
    """One network's name in every row; all of a run share the list that it is a number of."""
    return pa.DictionaryArray.from_arrays(
        pa.array(np.full(count, number, np.int8)), pa.array(models, pa.string())
    )


def lists(values: NDArray[Any], read: list[int], count: int, kind: pa.DataType) -> pa.ListArray:
    """A list in each row that was read, null elsewhere.

    Args:
        values: (n, m), one row for each of `read`.
        read: places among the rows, in order.
        count: rows in all.
        kind: of the numbers.
    """
    long = np.zeros(count, np.int32)
    long[read] = values.shape[1]
    ends = np.concatenate([[0], np.cumsum(long)]).astype(np.int32)
    absent = np.ones(count, bool)
    absent[read] = False
    flat = pa.array(np.ascontiguousarray(values).ravel(), kind)
    return pa.ListArray.from_arrays(
        pa.array(ends), flat, type=pa.list_(kind), mask=pa.array(absent)
    )
