import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.compare.closeness import close, near, unpaired

# With the tolerance 0.4: 1 and 1.5 are close, 1.5 and 2.5 too, 1 and 2 are not.
GRID = st.sampled_from([0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 100.0])
TOLERANCE = 0.4


def bag(vectors):
    return {vector: vectors.count(vector) for vector in vectors}


def largest_pairing(left, right, tolerances):
    """By trying every assignment: for a handful of vectors only."""
    short, long = sorted((left, right), key=len)
    return max(
        (
            sum(near(a, b, tolerances) for a, b in zip(short, chosen, strict=True))
            for chosen in itertools.permutations(long, len(short))
        ),
        default=0,
    )


@pytest.mark.parametrize("dimensions", [0, 1, 2, 3])
def test_as_many_are_paired_as_can_be(dimensions):
    vectors = st.lists(st.tuples(*[GRID] * dimensions), max_size=5)

    @settings(max_examples=300)
    @given(vectors, vectors)
    def holds(left, right):
        tolerances = [TOLERANCE] * dimensions
        over_left, over_right = unpaired(bag(left), bag(right), tolerances)
        paired = largest_pairing(left, right, tolerances)
        assert len(left) - sum(over_left.values()) == paired
        assert len(right) - sum(over_right.values()) == paired
        assert all(0 < count <= left.count(vector) for vector, count in over_left.items())
        assert all(0 < count <= right.count(vector) for vector, count in over_right.items())

    holds()


def test_a_pairing_is_undone_where_a_larger_one_needs_it():
    # A chain in which each vector is close to its neighbours only, entered at its wrong end.
    chain = [(float(1.4**at), float(1.4**at)) for at in range(12)]
    left, right = dict.fromkeys(chain[1::2], 1), dict.fromkeys(chain[0::2], 1)
    left |= {(chain[0][0], chain[1][1]): 1}
    over_left, over_right = unpaired(left, right, [TOLERANCE] * 2)
    assert sum(over_left.values()) == 1 and over_right == {}
    assert unpaired(dict.fromkeys(chain[1:], 3), dict.fromkeys(chain[:-1], 3), [TOLERANCE] * 2) == ({}, {})


def test_taking_out_equal_ones_first_would_pair_too_few():
    assert unpaired({(2.0,): 1, (1.2,): 1}, {(2.0,): 1, (3.0,): 1}, [TOLERANCE]) == ({}, {})
    left, right = {(2.0, 2.0): 1, (1.2, 2.0): 1}, {(2.0, 2.0): 1, (3.0, 2.1): 1}
    assert unpaired(left, right, [TOLERANCE] * 2) == ({}, {})


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_close_is_symmetric_and_holds_for_itself(one, other):
    assert close(one, one, 0.0)
    assert close(one, other, 1e-9) == close(other, one, 1e-9)


def test_where_close_ends():
    assert close(1.0, 1.0 + 0.9e-9, 1e-9) and not close(1.0, 1.0 + 1.1e-9, 1e-9)
    assert close(0.0, 0.9e-12, 1e-9) and not close(0.0, 1.1e-12, 1e-9)
    assert not close(1.7e308, -1.7e308, 1e-9)


def test_many_vectors_that_vary_in_two_ways_are_quick():
    left = {(1.0 + at * 1e-3, 1.0 + (at % 7) * 1e-3): 1 for at in range(2000)}
    right = {(x + 1e-4, y - 1e-4): 1 for x, y in list(left)[:-1]}
    over_left, over_right = unpaired(left, right, [0.01, 0.01])
    assert sum(over_left.values()) == 1 and not over_right


def test_many_vectors_in_one_cluster_are_quick():
    left = {(1.0 + at * 1e-12, 1.0): 1 for at in range(4000)}
    right = {(1.0 + at * 1e-12 + 5e-13, 1.0): 1 for at in range(3999)}
    over_left, over_right = unpaired(left, right, [1e-9, 1e-9])
    assert sum(over_left.values()) == 1 and not over_right
