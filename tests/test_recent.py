from maagn.types import Recent


def test_the_last_asked_for_are_kept():
    made = []
    kept: Recent[str] = Recent(2)

    def get(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abacb"] == ["A", "B", "A", "C", "B"]
    assert made == ["a", "b", "c", "b"]  # b went when c came, since a was asked for after it
    assert len(kept) == 2
