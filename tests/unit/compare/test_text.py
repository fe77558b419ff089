import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from helpers.compare.text import cell_text, name_text

AT = dt.datetime(2024, 3, 31, 1, 30, 0, 120000)
IN_UTC = AT.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        ("NULL", "'NULL'"),
        ("null", "'null'"),
        ("", "''"),
        ("a b", "a b"),
        ("a ", "'a␣'"),
        ("  a", "'␣␣a'"),
        ("   ", "'␣␣␣'"),
        ("it's", "it's"),
        ("'a'", "'''a'''"),
        ("NaN", "'NaN'"),
        ("▸ a", "'▸ a'"),
        ("a\nb\tc", "'a\\nb\\tc'"),
        ("a\u00a0b", "'a\\u00a0b'"),
        ("\u202eabc", "'\\u202eabc'"),
        ("Zürich 😀", "Zürich 😀"),
    ],
)
def test_texts(value, text):
    assert cell_text(pa.scalar(value, pa.string())) == text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (True, pa.bool_(), "true"),
        (-7, pa.int64(), "-7"),
        (0.1 + 0.2, pa.float64(), "0.30000000000000004"),
        (0.1, pa.float32(), "0.1"),
        (16777216.0, pa.float32(), "16777216.0"),
        (float("nan"), pa.float64(), "NaN"),
        (-float("inf"), pa.float32(), "-Infinity"),
        (Decimal("1.50"), pa.decimal128(10, 2), "1.50"),
        (Decimal("0.0000000000"), pa.decimal128(20, 10), "0.0000000000"),
        (b"\x00\xab", pa.binary(), "0x00AB"),
        (AT.date(), pa.date32(), "2024-03-31"),
        (AT, pa.timestamp("us"), "2024-03-31 01:30:00.12"),
        (IN_UTC, pa.timestamp("us", tz="UTC"), "2024-03-31 01:30:00.12Z"),
        (IN_UTC, pa.timestamp("ms", tz="Europe/Berlin"), "2024-03-31 03:30:00.12+02:00"),
        (dt.datetime(1, 1, 1), pa.timestamp("us"), "0001-01-01 00:00:00"),
        (dt.timedelta(days=1, seconds=1), pa.duration("us"), "1 day, 0:00:01"),
        (dt.time(23, 59), pa.time64("ns"), "23:59:00.000000000"),
        ([1, None], pa.list_(pa.int32()), "[1, NULL]"),
        (["a", "", None, "NULL"], pa.list_(pa.string()), "['a', '', NULL, 'NULL']"),
        ([], pa.list_(pa.int32()), "[]"),
        ([("k", 1), ("l", None)], pa.map_(pa.string(), pa.int32()), "{'k': 1, 'l': NULL}"),
        ([], pa.map_(pa.string(), pa.int32()), "{}"),
        ({"a": 1, "b": "x"}, pa.struct([("a", pa.int32()), ("b", pa.string())]), "{a: 1, b: 'x'}"),
        ({"a": [{"b": 1}]}, pa.struct([("a", pa.list_(pa.struct([("b", pa.int8())])))]), "{a: [{b: 1}]}"),
    ],
)
def test_other_types(value, kind, text):
    assert cell_text(pa.scalar(value, kind)) == text
    assert cell_text(pa.scalar(None, kind)) == "NULL"


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (10_000_000, pa.date32(), "29349-01-26"),
        (10**18, pa.timestamp("us", tz="UTC"), "1000000000000 s since 1970"),
        (10**18 + 5, pa.timestamp("us"), "1000000000000 s since 1970 and .000005 s"),
        (1, pa.timestamp("ns"), "1970-01-01 00:00:00.000000001"),
        (1, pa.timestamp("us", tz="No/Where"), "0 s since 1970 and .000001 s"),
    ],
)
def test_what_python_has_no_value_for(number, kind, text):
    whole = pa.int32() if pa.types.is_date(kind) else pa.int64()
    assert cell_text(pa.array([number], whole).cast(kind)[0]) == text


def test_bytes_that_are_no_text_are_shown():
    assert cell_text(pa.array([b"a\xff"]).view(pa.string())[0]) == "'a\\udcff'"


def test_a_dictionarys_text_is_its_value():
    assert cell_text(pa.array(["a "]).dictionary_encode()[0]) == "'a␣'"


@pytest.mark.parametrize(
    ("name", "text"), [("id", "id"), ("count(1)", "count(1)"), ("id ", "'id␣'"), ("", "''"), ("a\nb", "'a\\nb'")]
)
def test_names(name, text):
    assert name_text(name) == text
