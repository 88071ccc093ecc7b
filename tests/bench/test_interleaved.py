from itertools import count

from maagn.bench.row import interleaved


def test_works_take_turns_and_the_first_round_is_not_counted():
    order = []
    clock = count(step=0.5)
    works = {name: lambda name=name: order.append(name) for name in "abc"}
    taken = interleaved(works, rounds=2, clock=lambda: next(clock))
    assert "".join(order) == "abc" + "abc" + "bca"
    assert taken == {name: [0.5, 0.5] for name in "abc"}
