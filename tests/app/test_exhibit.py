import numpy as np

from app import cache, elements


def test_the_digest_is_of_names_shapes_and_contents():
    values = np.arange(6, dtype=np.float32)
    digests = {
        elements._digest(arrays)
        for arrays in (
            {"a": values},
            {"b": values},
            {"a": values.reshape(2, 3)},
            {"a": values.astype(np.float64)},
            {"a": values[::-1]},
            {"a": values, "b": values},
        )
    }
    assert len(digests) == 6
    assert elements._digest({"a": values[::2]}) == elements._digest({"a": values[::2].copy()})


def test_files_are_made_once_for_the_same_numbers():
    cache.forget()
    made = []

    def make():
        made.append(1)
        return "a,b", b"npz"

    key = ("player", elements._digest({"a": np.arange(3)}))
    assert cache.files(key, make) == cache.files(key, make) == ("a,b", b"npz")
    assert made == [1]
