import time

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.compare import shrink


def tables(rows, more=0):
    return {
        "a": pa.table({"n": pa.array(range(rows), pa.int64())}),
        "b": pa.table({"n": pa.array(range(more), pa.int64())}),
    }


def held(inputs):
    return {(name, row) for name, table in inputs.items() for row in table.column("n").to_pylist()}


def one_less(inputs):
    for name, table in inputs.items():
        for row in range(table.num_rows):
            yield inputs | {name: table.filter(pa.array([at != row for at in range(table.num_rows)]))}


def batched(differs, calls=None):
    def together(candidates):
        if calls is not None:
            calls.append(len(candidates))
        return [differs(candidate) for candidate in candidates]

    return together


ITEMS = st.sets(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=3), st.booleans())
def test_smallest_for_what_needs_certain_rows(needed, in_batches):
    def differs(inputs):
        return any(rows <= held(inputs) for rows in needed)

    result = shrink(tables(10, 10), differs, 60, batched(differs) if in_batches else None)
    assert result.minimal and differs(result.tables)
    assert not any(differs(smaller) for smaller in one_less(result.tables))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.booleans())
def test_one_minimal_for_what_is_not_monotone(seed, divisor, in_batches):
    whole = tables(7, 6)

    def differs(inputs):
        rows = sorted(held(inputs))
        return (
            rows == sorted(held(whole)) or hash((seed, *(n + (name == "a") * 100 for name, n in rows))) % divisor == 0
        )

    result = shrink(whole, differs, 60, batched(differs) if in_batches else None)
    assert result.minimal and differs(result.tables)
    assert not any(differs(smaller) for smaller in one_less(result.tables))


def test_rows_keep_their_order_and_tables_their_columns():
    whole = {"a": pa.table({"n": [3, 1, 2], "s": ["x", "y", "z"]}), "b": pa.table({"n": [1]})}
    result = shrink(whole, lambda inputs: inputs["a"].num_rows >= 2)
    assert result.tables["a"].column_names == ["n", "s"] and result.tables["b"].num_rows == 0
    kept = result.tables["a"].column("n").to_pylist()
    assert len(kept) == 2 and kept == [n for n in [3, 1, 2] if n in kept]


def test_two_rows_of_many_take_few_calls_and_none_twice():
    seen = []

    def differs(inputs):
        seen.append(frozenset(held(inputs)))
        return {("a", 70), ("b", 20)} <= held(inputs)

    result = shrink(tables(100, 30), differs, 60)
    assert held(result.tables) == {("a", 70), ("b", 20)}
    assert len(seen) == len(set(seen)) == result.tried <= 40


def test_in_batches_few_jobs_do():
    calls = []
    needed = {("a", 3), ("a", 70), ("b", 20)}

    def never(inputs):
        raise AssertionError("judged one by one")

    result = shrink(tables(100, 30), never, 60, batched(lambda inputs: needed <= held(inputs), calls))
    assert held(result.tables) == needed and len(calls) <= 20 and max(calls) <= 64


def test_empty_tables_are_found_first():
    result = shrink(tables(50), lambda inputs: True)
    assert (held(result.tables), result.minimal, result.tried) == (set(), True, 1)


def test_time_up_gives_the_smallest_so_far():
    def slow(inputs):
        time.sleep(0.02)
        return {("a", 1), ("a", 90)} <= held(inputs)

    started = time.monotonic()
    result = shrink(tables(200), slow, seconds=0.15)
    assert time.monotonic() - started < 1.0
    assert not result.minimal and slow(result.tables)


def test_no_time_at_all_gives_everything():
    result = shrink(tables(3), lambda inputs: True, seconds=0.0)
    assert (len(held(result.tables)), result.minimal, result.tried) == (3, False, 0)


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_what_does_not_differ_is_refused(rows):
    with pytest.raises(ValueError, match="do not differ"):
        shrink(tables(rows), lambda inputs: False)
