"""Answers that are right although they look odd: none may be refused."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from helpers.compare import difference

NAN, INF = float("nan"), float("inf")
AT = dt.datetime(2024, 3, 31, 1, 30)
IN_UTC = AT.replace(tzinfo=dt.UTC)
ARRAYS, MAPS, STRUCTS = "id int; v array<int>", "id int; m map<string,int>", "id int; s struct<a:int,b:string>"


IX, IS, IDEC = "id int; x double", "id int; s string", "id int; d decimal(10,2)"
# label, contract's columns, expected rows, the answer's columns (None = the same), its rows, what else the terms say
CASES = [
    ("the same", IX, [(1, 0.5), (2, 1.5)], None, [(1, 0.5), (2, 1.5)], {}),
    ("rows reversed", IX, [(1, 0.5), (2, 1.5)], None, [(2, 1.5), (1, 0.5)], {}),
    ("columns reversed", IX, [(1, 0.5)], "x double; id int", [(0.5, 1)], {}),
    ("bigint for int", IX, [(1, 0.5)], "id bigint; x double", [(1, 0.5)], {}),
    ("tinyint for int", IX, [(1, 0.5)], "id tinyint; x double", [(1, 0.5)], {}),
    ("smallint for bigint", "n bigint", [(7,)], "n smallint", [(7,)], {}),
    ("int for bigint, NULL", "n bigint", [(None,)], "n int", [(None,)], {}),
    ("float for double", IX, [(1, 0.1)], "id int; x float", [(1, 0.1)], {}),
    ("double for float", "x float", [(0.1,)], "x double", [(0.1,)], {}),
    ("float, third of one", "x double", [(1 / 3,)], "x float", [(1 / 3,)], {}),
    ("decimal 1.5 for 1.50", IDEC, [(1, Decimal("1.50"))], "id int; d decimal(10,1)", [(1, Decimal("1.5"))], {}),
    ("decimal 1.5000 for 1.50", IDEC, [(1, Decimal("1.50"))], "id int; d decimal(38,18)", [(1, Decimal("1.5"))], {}),
    ("decimal of whole numbers", IDEC, [(1, Decimal("3.00"))], "id int; d decimal(3,0)", [(1, Decimal(3))], {}),
    ("decimal zero", IDEC, [(1, Decimal("0.00"))], "id int; d decimal(1,0)", [(1, Decimal(0))], {}),
    ("decimal minus zero", IDEC, [(1, Decimal("0.00"))], None, [(1, Decimal("-0.00"))], {}),
    ("NaN", IX, [(1, NAN)], None, [(1, NAN)], {}),
    ("NaN twice", IX, [(1, NAN), (1, NAN)], None, [(1, NAN), (1, NAN)], {}),
    ("NaN among numbers", IX, [(1, NAN), (1, 2.0)], None, [(1, 2.0), (1, NAN)], {}),
    ("negative zero", IX, [(1, 0.0)], None, [(1, -0.0)], {}),
    ("infinity", IX, [(1, INF), (2, -INF)], None, [(2, -INF), (1, INF)], {}),
    ("sum in another order", IX, [(1, 0.1 + 0.2)], None, [(1, 0.3)], {}),
    ("sum that should be zero", IX, [(1, 0.0)], None, [(1, 0.1 + 0.2 - 0.3)], {}),
    ("large sum in another order", IX, [(1, 1e15)], None, [(1, 1e15 + 1)], {}),
    ("doubles across a rounding boundary", IX, [(1, 0.4999999999999)], None, [(1, 0.5000000000001)], {}),
    ("two near doubles swapped", "x double", [(1.0,), (1.0 + 1e-12,)], None, [(1.0 + 1e-12,), (1.0,)], {}),
    ("near doubles as a key", IX, [(1, 0.3), (2, 0.6)], None, [(1, 0.1 + 0.2), (2, 0.6)], {"key": ("x",)}),
    ("wide tolerance", "x double", [(100.0,)], None, [(100.9,)], {"tolerance": 0.01}),
    ("tolerance zero, same double", "x double", [(0.1,)], None, [(0.1,)], {"tolerance": 0.0}),
    ("NULL equals NULL", IS, [(1, None)], None, [(1, None)], {}),
    ("all NULL", IS, [(None, None)], None, [(None, None)], {}),
    ("NULL as a key", IS, [(None, "a"), (1, "b")], None, [(1, "b"), (None, "a")], {"key": ("id",)}),
    ("no rows", IS, [], None, [], {}),
    ("no rows, other integer", IS, [], "id bigint; s string", [], {}),
    ("no rows, ordered", IS, [], None, [], {"order": ("id",)}),
    ("no rows, total", IS, [], None, [], {"total": True}),
    ("duplicates", IS, [(1, "a"), (1, "a")], None, [(1, "a"), (1, "a")], {}),
    ("duplicates not together", IS, [(1, "a"), (1, "a"), (2, "b")], None, [(1, "a"), (2, "b"), (1, "a")], {}),
    ("empty text", IS, [(1, "")], None, [(1, "")], {}),
    ("the text NULL", IS, [(1, "NULL")], None, [(1, "NULL")], {}),
    ("trailing blanks on both sides", IS, [(1, "a  ")], None, [(1, "a  ")], {}),
    ("signs beyond the first plane", IS, [(1, "😀")], None, [(1, "😀")], {}),
    ("ties free", "a int; b int", [(1, 1), (1, 2), (2, 1)], None, [(1, 2), (1, 1), (2, 1)], {"order": ("a",)}),
    (
        "ties free, descending",
        "a int; b int",
        [(2, 1), (1, 1), (1, 2)],
        None,
        [(2, 1), (1, 2), (1, 1)],
        {"order": ("-a",)},
    ),
    ("two columns of order", "a int; b int", [(1, 2), (1, 1)], None, [(1, 2), (1, 1)], {"order": ("a", "-b")}),
    ("NULL first ascending", "a int", [(None,), (1,)], None, [(None,), (1,)], {"order": ("a",)}),
    ("NULL last descending", "a int", [(1,), (None,)], None, [(1,), (None,)], {"order": ("-a",)}),
    ("NULL last as asked", "a int", [(1,), (None,)], None, [(1,), (None,)], {"order": ("a nulls last",)}),
    ("NULL first as asked", "a int", [(None,), (1,)], None, [(None,), (1,)], {"order": ("-a NULLS FIRST",)}),
    ("NULLs tie", "a int; b int", [(None, 1), (None, 2)], None, [(None, 2), (None, 1)], {"order": ("a",)}),
    ("NaN after infinity", "x double", [(INF,), (NAN,)], None, [(INF,), (NAN,)], {"order": ("x",)}),
    ("zeros tie", "x double; b int", [(0.0, 1), (-0.0, 2)], None, [(-0.0, 2), (0.0, 1)], {"order": ("x",)}),
    (
        "near doubles tie",
        "x double; b int",
        [(0.3, 1), (0.1 + 0.2, 2)],
        None,
        [(0.1 + 0.2, 2), (0.3, 1)],
        {"order": ("x",)},
    ),
    ("capitals before small letters", "s string", [("B",), ("a",)], None, [("B",), ("a",)], {"order": ("s",)}),
    (
        "decimals by value",
        "d decimal(4,1)",
        [(Decimal(9),), (Decimal(10),)],
        None,
        [(Decimal(9),), (Decimal(10),)],
        {"order": ("d",)},
    ),
    ("false before true", "b boolean", [(False,), (True,)], None, [(False,), (True,)], {"order": ("b",)}),
    ("arrays in order", ARRAYS, [(1, [1]), (2, [1, 2])], None, [(1, [1]), (2, [1, 2])], {"order": ("v",)}),
    ("total", IS, [(2, "a"), (1, "b")], None, [(2, "a"), (1, "b")], {"total": True}),
    ("total, other tie of the same rows", IS, [(1, "a"), (1, "a")], None, [(1, "a"), (1, "a")], {"total": True}),
    ("total, near doubles", IX, [(1, 0.3), (2, 1.0)], None, [(1, 0.1 + 0.2), (2, 1.0)], {"total": True}),
    ("order of columns asked and kept", IS, [(1, "a")], None, [(1, "a")], {"column_order": True}),
    ("arrays", ARRAYS, [(1, [1, 2])], None, [(1, [1, 2])], {}),
    ("arrays of other integers", ARRAYS, [(1, [1, 2])], "id int; v array<bigint>", [(1, [1, 2])], {}),
    ("empty and NULL arrays", ARRAYS, [(1, []), (2, None), (3, [None])], None, [(3, [None]), (2, None), (1, [])], {}),
    ("arrays of near doubles", "v array<double>", [([0.3, NAN],)], None, [([0.1 + 0.2, NAN],)], {}),
    ("maps in another order", MAPS, [(1, [("a", 1), ("b", 2)])], None, [(1, [("b", 2), ("a", 1)])], {}),
    ("empty and NULL maps", MAPS, [(1, []), (2, None)], None, [(2, None), (1, [])], {}),
    ("struct", STRUCTS, [(1, {"a": 1, "b": "x"})], None, [(1, {"b": "x", "a": 1})], {}),
    (
        "struct, fields in another order",
        STRUCTS,
        [(1, {"a": 1, "b": "x"})],
        "id int; s struct<b:string,a:bigint>",
        [(1, {"a": 1, "b": "x"})],
        {},
    ),
    (
        "NULL struct and struct of NULLs",
        STRUCTS,
        [(1, None), (1, {"a": None, "b": None})],
        None,
        [(1, {"a": None, "b": None}), (1, None)],
        {},
    ),
    ("binary", "b binary", [(b"\x00\xff",)], None, [(b"\x00\xff",)], {}),
    ("far dates", "d date", [(dt.date(9999, 12, 31),)], None, [(dt.date(9999, 12, 31),)], {}),
    ("timestamp without zone", "t timestamp_ntz", [(AT,)], None, [(AT,)], {}),
    (
        "timestamp with zone",
        "t timestamp",
        [(IN_UTC,)],
        None,
        [(IN_UTC.astimezone(dt.timezone(dt.timedelta(hours=2))),)],
        {},
    ),
    ("varchar for string", "s varchar(10)", [("a",)], "s string", [("a",)], {}),
    ("a name of an expression", "id int; count(1) bigint", [(1, 2)], None, [(1, 2)], {}),
]


@pytest.mark.parametrize(
    ("columns", "expected", "other", "actual", "more"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_right_answer_is_accepted(table, terms, columns, expected, other, actual, more):
    assert difference(table(other or columns, actual), table(columns, expected), terms(columns, **more)) is None


def test_there_are_at_least_sixty():
    assert len({case[0] for case in CASES}) >= 60


def test_the_same_instant_in_two_zones(terms):
    berlin = pa.table({"t": pa.array([IN_UTC], pa.timestamp("us", tz="Europe/Berlin"))})
    denver = pa.table({"t": pa.array([IN_UTC], pa.timestamp("ns", tz="America/Denver"))})
    assert difference(berlin, denver, terms("t timestamp")) is None


def test_other_spellings_of_arrow(terms):
    plain = pa.table({"s": ["a", None], "v": pa.array([[1], None], pa.list_(pa.int32()))})
    odd = pa.table(
        {"s": pa.array(["a", None]).dictionary_encode(), "v": pa.array([[1], None], pa.large_list(pa.int64()))}
    )
    large = odd.set_column(0, "s", pa.array(["a", None], pa.large_string()))
    for answer in (odd, large):
        assert difference(answer, plain, terms("s string; v array<int>")) is None


def test_chunks_and_slices(table, terms):
    columns = "id int; v array<int>; m map<string,int>; s struct<a:int>"
    rows = [(at, [at, None], [("k", at)], None if at == 3 else {"a": at}) for at in range(6)]
    parts = pa.concat_tables([table(columns, rows[:2]), table(columns, [(9, None, None, None), *rows[2:]]).slice(1)])
    assert difference(parts, table(columns, rows), terms(columns)) is None
