"""Answers that are nearly right: none may be let through, and the kind of what is wrong is told."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from helpers.compare import Column, Terms, difference

NAN, INF = float("nan"), float("inf")
AT = dt.datetime(2024, 3, 31, 1, 30)
IN_UTC = AT.replace(tzinfo=dt.UTC)
ARRAYS, MAPS, STRUCTS = "id int; v array<int>", "id int; m map<string,int>", "id int; s struct<a:int,b:string>"
IX, IS, AB, X = "id int; x double", "id int; s string", "a int; b int", "x double"
ABC = [(1, 1), (1, 2), (2, 1)]
# label, kind, contract's columns, expected rows, the answer's columns (None = the same), its rows, more of the terms
CASES = [
    ("column missing", "columns", IS, [(1, "a")], "id int", [(1,)], {}),
    ("column too many", "columns", "id int", [(1,)], IS, [(1, "a")], {}),
    ("no columns of it", "columns", "id int", [(1,)], "other string", [("a",)], {}),
    ("column twice", "columns", IS, [(1, "a")], "id int; s string; id int", [(1, "a", 1)], {}),
    ("other case of a name", "columns", "id int", [(1,)], "ID int", [(1,)], {}),
    ("blank in a name", "columns", "id int", [(1,)], "id  int", [(1,)], {}),
    ("string for int", "columns", "id int", [(1,)], "id string", [("1",)], {}),
    ("int for string", "columns", "s string", [("1",)], "s int", [(1,)], {}),
    ("int for double", "columns", X, [(1.0,)], "x int", [(1,)], {}),
    ("double for decimal", "columns", "d decimal(10,2)", [(Decimal("1.50"),)], "d double", [(1.5,)], {}),
    ("bigint for decimal", "columns", "d decimal(10,0)", [(Decimal(1),)], "d bigint", [(1,)], {}),
    ("date for timestamp", "columns", "t timestamp_ntz", [(AT,)], "t date", [(AT.date(),)], {}),
    ("without zone for with", "columns", "t timestamp", [(IN_UTC,)], "t timestamp_ntz", [(AT,)], {}),
    ("with zone for without", "columns", "t timestamp_ntz", [(AT,)], "t timestamp", [(IN_UTC,)], {}),
    ("untyped NULL", "columns", "s string", [(None,)], "s void", [(None,)], {}),
    ("boolean for int", "columns", "a int", [(1,)], "a boolean", [(True,)], {}),
    ("binary for string", "columns", "s string", [("a",)], "s binary", [(b"a",)], {}),
    (
        "array of strings for array of ints",
        "columns",
        ARRAYS,
        [(1, [1])],
        "id int; v array<string>",
        [(1, ["1"])],
        {},
    ),
    ("value for array", "columns", ARRAYS, [(1, [1])], "id int; v int", [(1, 1)], {}),
    ("other field name", "columns", STRUCTS, [(1, None)], "id int; s struct<A:int,b:string>", [(1, None)], {}),
    ("struct with a field less", "columns", STRUCTS, [(1, None)], "id int; s struct<a:int>", [(1, None)], {}),
    ("no rows and another column", "columns", "id int", [], "nr int", [], {}),
    ("no rows and another type", "columns", "id int", [], "id string", [], {}),
    ("order of columns asked", "columns", IS, [(1, "a")], "s string; id int", [("a", 1)], {"column_order": True}),
    ("row missing", "rows", IS, [(1, "a"), (2, "b")], None, [(1, "a")], {}),
    ("row too many", "rows", IS, [(1, "a")], None, [(1, "a"), (2, "b")], {}),
    ("no rows at all", "rows", IS, [(1, "a")], None, [], {}),
    ("no row expected", "rows", IS, [], None, [(1, "a")], {}),
    ("a row of NULLs for no rows", "rows", IS, [], None, [(None, None)], {}),
    ("no rows for a row of NULLs", "rows", IS, [(None, None)], None, [], {}),
    ("a row twice", "rows", IS, [(1, "a")], None, [(1, "a"), (1, "a")], {}),
    ("a row once", "rows", IS, [(1, "a"), (1, "a")], None, [(1, "a")], {}),
    ("other row doubled", "rows", AB, [(1, 1), (1, 1), (2, 2)], None, [(1, 1), (2, 2), (2, 2)], {}),
    ("cells of two rows swapped", "rows", IS, [(1, "a"), (2, "b")], None, [(1, "b"), (2, "a")], {}),
    ("cells of two columns swapped", "rows", AB, [(1, 2)], None, [(2, 1)], {}),
    ("empty text for NULL", "rows", IS, [(1, None)], None, [(1, "")], {}),
    ("NULL for empty text", "rows", IS, [(1, "")], None, [(1, None)], {}),
    ("the text NULL for NULL", "rows", IS, [(1, None)], None, [(1, "NULL")], {}),
    ("zero for NULL", "rows", AB, [(1, None)], None, [(1, 0)], {}),
    ("NULL for zero", "rows", AB, [(1, 0)], None, [(1, None)], {}),
    ("false for NULL", "rows", "b boolean", [(None,)], None, [(False,)], {}),
    ("trailing blank", "rows", IS, [(1, "a")], None, [(1, "a ")], {}),
    ("leading blank", "rows", IS, [(1, "a")], None, [(1, " a")], {}),
    ("other case", "rows", IS, [(1, "Hamburg")], None, [(1, "hamburg")], {}),
    ("composed and decomposed", "rows", IS, [(1, "\u00e9")], None, [(1, "e\u0301")], {}),
    ("no-break space", "rows", IS, [(1, "a b")], None, [(1, "a\u00a0b")], {}),
    ("NaN for NULL", "rows", X, [(None,)], None, [(NAN,)], {}),
    ("NULL for NaN", "rows", X, [(NAN,)], None, [(None,)], {}),
    ("zero for NaN", "rows", X, [(NAN,)], None, [(0.0,)], {}),
    ("infinity for NaN", "rows", X, [(NAN,)], None, [(INF,)], {}),
    ("minus infinity", "rows", X, [(INF,)], None, [(-INF,)], {}),
    ("largest double for infinity", "rows", X, [(INF,)], None, [(1.7e308,)], {}),
    ("other sign", "rows", X, [(0.5,)], None, [(-0.5,)], {}),
    ("a cent", "rows", X, [(1e6,)], None, [(1e6 + 0.01,)], {}),
    ("just out of the tolerance", "rows", X, [(1.0,)], None, [(1.0 + 1.1e-9,)], {}),
    ("tolerance zero, next double", "rows", X, [(0.3,)], None, [(0.1 + 0.2,)], {"tolerance": 0.0}),
    ("tolerance zero, next float", "rows", "x float", [(1.0,)], None, [(1.0 + 2**-23,)], {"tolerance": 0.0}),
    ("float, sixth digit", "rows", X, [(0.1,)], "x float", [(0.10001,)], {}),
    ("near doubles, one too few", "rows", X, [(0.3,), (0.3,)], None, [(0.1 + 0.2,)], {}),
    ("decimal, last digit", "rows", "d decimal(10,2)", [(Decimal("1.50"),)], None, [(Decimal("1.51"),)], {}),
    ("decimal beyond doubles", "rows", "d decimal(38,0)", [(Decimal(10**37),)], None, [(Decimal(10**37 + 1),)], {}),
    ("decimal rounded", "rows", "d decimal(5,3)", [(Decimal("0.125"),)], "d decimal(5,2)", [(Decimal("0.13"),)], {}),
    ("bigint beyond doubles", "rows", "n bigint", [(2**53 + 1,)], None, [(2**53,)], {}),
    ("date, next day", "rows", "d date", [(AT.date(),)], None, [(AT.date() + dt.timedelta(1),)], {}),
    ("an hour", "rows", "t timestamp", [(IN_UTC,)], None, [(IN_UTC + dt.timedelta(hours=1),)], {}),
    ("a microsecond", "rows", "t timestamp_ntz", [(AT,)], None, [(AT + dt.timedelta(microseconds=1),)], {}),
    ("array in another order", "rows", ARRAYS, [(1, [1, 2])], None, [(1, [2, 1])], {}),
    ("array with an element twice", "rows", ARRAYS, [(1, [1])], None, [(1, [1, 1])], {}),
    ("NULL array for an empty one", "rows", ARRAYS, [(1, [])], None, [(1, None)], {}),
    ("array of NULL for an empty one", "rows", ARRAYS, [(1, [])], None, [(1, [None])], {}),
    ("array of a far double", "rows", "v array<double>", [([0.3],)], None, [([0.30001],)], {}),
    ("map, other value", "rows", MAPS, [(1, [("a", 1)])], None, [(1, [("a", 2)])], {}),
    ("map, other key", "rows", MAPS, [(1, [("a", 1)])], None, [(1, [("A", 1)])], {}),
    ("map, entry missing", "rows", MAPS, [(1, [("a", None)])], None, [(1, [])], {}),
    ("NULL struct for struct of NULLs", "rows", STRUCTS, [(1, {"a": None})], None, [(1, None)], {}),
    ("struct, other field", "rows", STRUCTS, [(1, {"a": 1})], None, [(1, {"a": 2})], {}),
    ("binary, other byte", "rows", "b binary", [(b"\x00",)], None, [(b"\x01",)], {}),
    ("order reversed", "order", "a int", [(1,), (2,)], None, [(2,), (1,)], {"order": ("a",)}),
    ("order broken late", "order", "a int", [(1,), (2,), (3,)], None, [(1,), (3,), (2,)], {"order": ("a",)}),
    ("ascending for descending", "order", "a int", [(2,), (1,)], None, [(1,), (2,)], {"order": ("-a",)}),
    ("second column", "order", AB, ABC, None, [(1, 2), (1, 1), (2, 1)], {"order": ("a", "b")}),
    ("across ties", "order", AB, ABC, None, [(1, 1), (2, 1), (1, 2)], {"order": ("a",)}),
    ("NULL last ascending", "order", "a int", [(None,), (1,)], None, [(1,), (None,)], {"order": ("a",)}),
    ("NULL first descending", "order", "a int", [(1,), (None,)], None, [(None,), (1,)], {"order": ("-a",)}),
    (
        "NULL first against the terms",
        "order",
        "a int",
        [(1,), (None,)],
        None,
        [(None,), (1,)],
        {"order": ("a nulls last",)},
    ),
    ("NaN before numbers", "order", X, [(1.0,), (NAN,)], None, [(NAN,), (1.0,)], {"order": ("x",)}),
    (
        "small letters before capitals",
        "order",
        "s string",
        [("B",), ("a",)],
        None,
        [("a",), ("B",)],
        {"order": ("s",)},
    ),
    ("numbers as text", "order", "a int", [(9,), (10,)], None, [(10,), (9,)], {"order": ("a",)}),
    ("total order broken", "order", "a int", [(2,), (1,)], None, [(1,), (2,)], {"total": True}),
]


@pytest.mark.parametrize(
    ("kind", "columns", "expected", "other", "actual", "more"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_wrong_answer_is_refused(table, terms, kind, columns, expected, other, actual, more):
    if other == "id  int":
        answer = table("id int", actual).rename_columns(["id "])
    else:
        answer = table(other or columns, actual)
    found = difference(answer, table(columns, expected), terms(columns, **more))
    assert found is not None and found.kind == kind
    assert found.sentence.endswith(".")


def test_there_are_at_least_sixty():
    assert len({case[0] for case in CASES}) >= 60


@pytest.mark.parametrize(
    ("asked", "given"),
    [("int", "bigint"), ("double", "float"), ("decimal(10,2)", "decimal(12,2)"), ("array<int>", "array<bigint>")],
)
def test_an_exact_type_is_insisted_on(asked, given, table):
    expected, answer = table(f"v {asked}", []), table(f"v {given}", [])
    assert difference(answer, expected, Terms((Column("v", asked),))) is None
    found = difference(answer, expected, Terms((Column("v", asked, exact=True),)))
    assert found is not None and asked in found.sentence and given in found.sentence


def test_many_small_steps_down_are_no_tie(terms):
    up = [1.0 + at * 0.9e-9 for at in range(10)]
    found = difference(pa.table({"x": up[::-1]}), pa.table({"x": up}), terms("x double", order=("x",)))
    assert found is not None and found.kind == "order" and found.place == 2
    one, greatest, below = 1.0, 1.0 + 0.9e-9, 1.0 - 0.5e-9
    expected = pa.table({"x": [below, one, greatest]})
    found = difference(pa.table({"x": [one, greatest, below]}), expected, terms("x double", order=("x",)))
    assert found is not None and found.place == 2


def test_a_struct_with_a_field_twice_is_told_not_a_crash(terms, table):
    twice = pa.StructArray.from_arrays([pa.array([1]), pa.array(["x"])], names=["a", "a"])
    found = difference(pa.table({"s": twice}), table("s struct<a:int>", [({"a": 1},)]), terms("s struct<a:int>"))
    assert found is not None and found.kind == "columns"
