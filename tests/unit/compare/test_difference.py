"""Properties of the whole comparison, on random tables of every type."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.compare import Column, Terms, TermsBroken, arrow_type, difference

VALUES = {
    "int": st.integers(-3, 3),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "double": st.sampled_from([0.0, -0.0, 0.1 + 0.2, 0.3, 1.0, 1e300, float("nan"), float("inf"), -float("inf")]),
    "decimal(10,2)": st.sampled_from([Decimal("0.00"), Decimal("1.50"), Decimal("-1.50"), Decimal("99999999.99")]),
    "string": st.sampled_from(["", "a", "a ", "A", "NULL", "é"]),
    "boolean": st.booleans(),
    "date": st.dates(dt.date(1900, 1, 1)),
    "timestamp": st.datetimes(dt.datetime(1900, 1, 1), timezones=st.just(dt.UTC)),
    "timestamp_ntz": st.datetimes(dt.datetime(1900, 1, 1)),
    "binary": st.binary(max_size=2),
    "array<double>": st.lists(st.sampled_from([0.0, 1.5, None, float("nan")]), max_size=2),
    "map<string,int>": st.dictionaries(st.sampled_from("ab"), st.integers(0, 1)).map(
        lambda entries: list(entries.items())
    ),
    "struct<a:int,b:double>": st.fixed_dictionaries({"a": st.integers(0, 1), "b": st.sampled_from([None, 0.5])}),
}
# A value that each column's own values never take.
STRANGERS = {
    "int": 77,
    "double": 77.0,
    "decimal(10,2)": Decimal("77.70"),
    "string": "77",
    "timestamp": dt.datetime(1800, 1, 1, tzinfo=dt.UTC),
    "array<double>": [77.0],
    "map<string,int>": [("77", 1)],
    "struct<a:int,b:double>": {"a": 77, "b": None},
}


@st.composite
def tables(draw, least=0, most=8):
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3))
    rows = draw(st.integers(least, most))
    columns = [
        pa.array(draw(st.lists(st.none() | VALUES[kind], min_size=rows, max_size=rows)), arrow_type(kind))
        for kind in kinds
    ]
    return pa.Table.from_arrays(columns, [f"c{at}" for at in range(len(kinds))]), Terms(
        tuple(Column(f"c{at}", kind) for at, kind in enumerate(kinds))
    )


def shuffled(table, random):
    return table.take(pa.array(random.sample(range(table.num_rows), table.num_rows), pa.int64()))


@given(tables(), st.randoms(use_true_random=False))
def test_a_permutation_never_differs(made, random):
    table, terms = made
    columns = random.sample(table.column_names, table.num_columns)
    assert difference(shuffled(table, random).select(columns), table, terms) is None


@given(tables(least=1), st.data())
def test_a_row_less_or_a_row_more_always_differs(made, data):
    table, terms = made
    row = data.draw(st.integers(0, table.num_rows - 1))
    less = table.filter(pa.array([at != row for at in range(table.num_rows)]))
    more = pa.concat_tables([table, table.slice(row, 1)])
    for answer, missing, extra in ((less, 1, 0), (more, 0, 1)):
        found = difference(answer, table, terms)
        assert found is not None and found.kind == "rows"
        assert (found.missing.num_rows, found.extra.num_rows) == (missing, extra)


@given(tables(least=1), st.data(), st.randoms(use_true_random=False))
def test_an_altered_cell_always_differs(made, data, random):
    table, terms = made
    known = [at for at, column in enumerate(terms.columns) if column.type in STRANGERS]
    if not known:
        return
    at, row = data.draw(st.sampled_from(known)), data.draw(st.integers(0, table.num_rows - 1))
    kind = arrow_type(terms.columns[at].type)
    cells = table.column(at).combine_chunks()
    stranger = pa.array([STRANGERS[terms.columns[at].type]], kind)
    altered = pa.concat_arrays([cells.slice(0, row), stranger, cells.slice(row + 1)])
    found = difference(shuffled(table.set_column(at, f"c{at}", altered), random), table, terms)
    assert found is not None and (found.missing.num_rows, found.extra.num_rows) == (1, 1)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from([None, 0, 1, 2]), st.integers(0, 9)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
    st.sampled_from(["a", "-a", "a nulls last", "-a nulls first"]),
)
def test_within_ties_any_order_passes_and_across_ties_none(rows, random, order):
    descending, nulls_last = order.startswith("-"), order in ("-a", "a nulls last")

    def place(row):
        null = row[0] is None
        return (null == nulls_last, 0 if null else -row[0] if descending else row[0])

    terms = Terms((Column("a", "int"), Column("b", "int")), order=(order,))

    def table(made):
        return pa.table(
            {"a": pa.array([a for a, _ in made], pa.int32()), "b": pa.array([b for _, b in made], pa.int32())}
        )

    expected = sorted(rows, key=place)
    answer = random.sample(rows, len(rows))
    keeps = [place(row) for row in answer] == [place(row) for row in expected]
    found = difference(table(answer), table(expected), terms)
    assert (found is None) == keeps
    assert difference(table(sorted(answer, key=place)), table(expected), terms) is None
    if found is not None:
        wrong = [at for at in range(1, len(answer)) if place(answer[at]) < place(answer[at - 1])]
        assert found.kind == "order" and found.place == wrong[0]


@given(st.lists(st.floats(-1e9, 1e9), max_size=12), st.randoms(use_true_random=False))
def test_noise_far_below_the_tolerance_never_differs(numbers, random):
    noisy = [number * (1 + random.uniform(-1e-12, 1e-12)) for number in random.sample(numbers, len(numbers))]
    answer, expected = (
        pa.table({"x": pa.array(noisy, pa.float64())}),
        pa.table({"x": pa.array(numbers, pa.float64())}),
    )
    assert difference(answer, expected, Terms((Column("x", "double"),))) is None


def test_columns_are_told_before_rows_and_rows_before_order(table, terms):
    asked = terms("a int; b int", order=("a",))
    expected = table("a int; b int", [(1, 1), (2, 2)])
    assert difference(table("a int", [(2,), (1,), (0,)]), expected, asked).kind == "columns"
    assert difference(table("a int; b int", [(2, 2), (1, 0)]), expected, asked).kind == "rows"
    assert difference(table("a int; b int", [(2, 2), (1, 1)]), expected, asked).kind == "order"


@pytest.mark.parametrize(
    ("columns", "rows", "more", "word"),
    [
        ("b int", [(1,)], {}, "column a"),
        ("a string", [("1",)], {}, "string"),
        ("a int", [(1,), (1,)], {"key": ("a",)}, "stands twice"),
        ("a int", [(2,), (1,)], {"order": ("a",)}, "order"),
    ],
)
def test_an_expected_result_against_its_terms_is_the_authors_fault(table, terms, columns, rows, more, word):
    expected = table(columns, rows)
    with pytest.raises(TermsBroken, match=word):
        difference(expected, expected, terms("a int", **more))


def test_an_expected_null_where_none_may_be_is_the_authors_fault(table):
    expected = table("a int", [(None,)])
    with pytest.raises(TermsBroken, match="NULL in a"):
        difference(expected, expected, Terms((Column("a", "int", nullable=False),)))
