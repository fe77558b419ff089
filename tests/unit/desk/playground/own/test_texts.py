"""Files of text as people have them: what type each column gets, and what is told or asked."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from helpers.core.errors import UserError
from helpers.desk.playground.own.options import Options
from helpers.desk.playground.own.texts import typed_texts


@pytest.fixture
def read(tmp_path):
    """Called with a file's text and options: (rows as a table, column → what is told, sentences)."""

    def call(text, written="utf-8", **options):
        path = tmp_path / "mine.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(written))
        folder = tmp_path / "staged"
        folder.mkdir()
        about, said = typed_texts(path, Options(**options), folder)
        assert [one.name for one in folder.iterdir()] == ["data.parquet"]
        table = pq.read_table(folder / "data.parquet")
        return table, dict(zip(table.column_names, about, strict=True)), said

    return call


def column(*texts):
    """A file of one column."""
    return "v;w\n" + "".join(f"{text};x\n" for text in texts)


@pytest.mark.parametrize(
    ("texts", "type", "values"),
    [
        (("1", "-20", ""), "int64", [1, -20, None]),
        (("1", " 2 "), "int64", [1, 2]),
        (("12345678901234567890", "1"), "decimal128(20, 0)", [Decimal("12345678901234567890"), Decimal(1)]),
        (("1.50", "2", "-0.125"), "decimal128(4, 3)", [Decimal("1.500"), Decimal(2), Decimal("-0.125")]),
        (("1,5", "2"), "decimal128(2, 1)", [Decimal("1.5"), Decimal(2)]),
        (("1.234,56", "2,5"), "decimal128(7, 2)", [Decimal("1234.56"), Decimal("2.50")]),
        (("1,234.5", "7"), "decimal128(6, 1)", [Decimal("1234.5"), Decimal(7)]),
        (("1.234.567", "1.000"), "int64", [1234567, 1000]),
        (("1e-3", "2.5"), "double", [0.001, 2.5]),
        (("true", "FALSE"), "bool", [True, False]),
        (("2024-02-29", "9999-12-31"), "date32[day]", [date(2024, 2, 29), date(9999, 12, 31)]),
        (("2024-01-02 03:04", "2024-01-02"), "timestamp[us]", [datetime(2024, 1, 2, 3, 4), datetime(2024, 1, 2)]),
        (("13.02.2024", "01.02.2024"), "date32[day]", [date(2024, 2, 13), date(2024, 2, 1)]),
        (("02/13/2024", "01/02/2024"), "date32[day]", [date(2024, 2, 13), date(2024, 1, 2)]),
        (("13.02.2024 10:30", ""), "timestamp[us]", [datetime(2024, 2, 13, 10, 30), None]),
        (("007", "008"), "string", ["007", "008"]),
        (("1", "x"), "string", ["1", "x"]),
        (("+49", "1"), "string", ["+49", "1"]),
        (("1,5", "1.5"), "string", ["1,5", "1.5"]),
        (("2024-02-30", "2024-02-01"), "string", ["2024-02-30", "2024-02-01"]),
        (("13.02.2024", "02.13.2024"), "string", ["13.02.2024", "02.13.2024"]),
        (("1.2.24", "2.2.24"), "string", ["1.2.24", "2.2.24"]),
        (("13.02.2024", "13/02/2024"), "string", ["13.02.2024", "13/02/2024"]),
        (("yes", "no"), "string", ["yes", "no"]),
        (('""', "1"), "string", ["", "1"]),
        (("1" * 39, "2"), "string", ["1" * 39, "2"]),
    ],
    ids=lambda one: "|".join(map(str, one)) if isinstance(one, tuple) else "",
)  # fmt: skip
def test_a_column_gets_the_type_that_all_its_values_have(read, texts, type, values):
    table, _, _ = read(column(*texts))
    assert str(table.schema.field("v").type) == type
    assert table.column("v").to_pylist() == values


def test_an_instant_with_an_offset_is_in_utc(read):
    table, about, _ = read(column("2024-01-02T03:04Z", "2024-01-02 03:04:05+01:00"))
    assert str(table.schema.field("v").type) == "timestamp[us, tz=UTC]"
    assert [one.hour for one in table.column("v").to_pylist()] == [3, 2]
    assert about["v"] == "instants, shown in UTC"


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("007",), "leading zeros would be lost: 007"),
        (("01.02.2024", "05.06.2024"), "day_first=True or day_first=False?"),
        (("13.02.2024",), "day first, for 13.02.2024"),
        (("1,234", "2,500"), 'decimal="," or decimal="."'),
        (("20.125", "1.250"), 'decimal point; if it means thousands: decimal=","'),
        (("1,5",), "decimal comma: 1,5"),
        (("1,5", "1.5"), "decimal commas and points, 1,5, 1.5"),
        (("1", "2", "3", "N/A", "N/A"), "'N/A' (2); nulls=['N/A'] would read them as NULL"),
        (("2024-01-01 10:00",), "without a zone"),
        (("2024-01-01", "01.01.2024"), "dates of several forms"),
        (("2024-01-01T10:00Z", "2024-01-01T10:00"), "dates of several forms"),
        (("",), "no value at all"),
        ((" 1", "2"), "1 stood in blanks"),
    ],
    ids=lambda one: "|".join(one) if isinstance(one, tuple) else "",
)
def test_what_is_read_one_way_or_left_as_text_is_told(read, texts, told):
    _, about, _ = read(column(*texts))
    assert told in about["v"]


def test_what_the_user_settles_is_done(read):
    text = "day;power;n;id\n01.02.2024;1,234;5;7\n03.04.2024;2,000;N/A;8\n"
    table, about, _ = read(text, day_first=True, decimal=",", nulls=["N/A"], types={"id": "string"})
    assert table.to_pylist()[0] == {"day": date(2024, 2, 1), "power": Decimal("1.234"), "n": 5, "id": "7"}
    assert table.column("n").to_pylist() == [5, None]
    assert about["day"] == "day first"


def test_what_the_values_contradict_is_not_done(read):
    _, about, _ = read("a;b\n13.02.2024;1,5\n", day_first=False, decimal=".")
    assert "not with day_first=False" in about["a"]
    assert 'not with decimal="."' in about["b"]


def test_a_decimal_comma_of_one_column_settles_the_others(read):
    table, _, _ = read("a;b\n1,5;1,234\n2,5;2,345\n")
    assert table.column("b").to_pylist() == [Decimal("1.234"), Decimal("2.345")]


def test_a_text_that_means_null_does_so_in_quotes_too(read):
    table, _, _ = read('a,b\n"N/A",1\n2,3\n', nulls=["N/A"])
    assert table.column("a").to_pylist() == [None, 2]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read, mark):
    table, _, said = read(f"a{mark}b\n1{mark}2\n")
    assert table.to_pylist() == [{"a": 1, "b": 2}]
    assert said[0].startswith("Between fields stands a ")


def test_quotes_line_breaks_and_delimiters_in_fields(read):
    table, _, _ = read('a,b\n"x, ""y""\nz",2\n')
    assert table.to_pylist() == [{"a": 'x, "y"\nz', "b": 2}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_or_told(read, encoding):
    table, _, said = read("Zähler,n\nä,1\n", encoding)
    assert table.to_pylist() == [{"Zähler": "ä", "n": 1}]
    assert any("read as cp1252" in one for one in said) == (encoding == "cp1252")


def test_a_wrong_encoding_is_told(read):
    with pytest.raises(UserError, match="cannot be read as utf-8"):
        read("ä,b\n1,2\n", "cp1252", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "names", "told"),
    [
        ("1,2\n3,4\n", ["column_1", "column_2"], "The first line holds values"),
        (",b\nx,y\n", ["column_1", "b"], "Column 1 is named column_1"),
        ("a,A\nx,y\n", ["a", "A_2"], "Column 2 is named A_2"),
    ],
)
def test_names_that_are_missing_or_twice_are_made_and_told(read, text, names, told):
    table, _, said = read(text)
    assert table.column_names == names
    assert any(told in one for one in said)


def test_lines_before_the_names_are_not_skipped_in_silence(read):
    with pytest.raises(UserError, match=r"Line 1 of mine\.csv has 1 fields, most lines have 2") as refused:
        read("Report\n\na,b\n1,2\n3,4\n")
    assert "skip=2" in refused.value.remedy


def test_lines_before_the_names_are_skipped_where_that_is_said(read):
    assert read("Report\n\na,b\n1,2\n3,4\n", skip=2)[0].num_rows == 2


def test_lines_with_another_number_of_fields_are_refused_or_left_out_and_told(read):
    with pytest.raises(UserError, match="than 2: 2, as in line 3: 3,4,5; line 4: 6") as refused:
        read("a,b\n1,2\n3,4,5\n6\n")
    assert 'bad_lines="skip"' in refused.value.remedy


def test_lines_left_out_are_told(read):
    table, _, said = read("a,b\n1,2\n3,4,5\n6\n", bad_lines="skip")
    assert table.to_pylist() == [{"a": 1, "b": 2}]
    assert "were left out: 2" in said[-1]


@pytest.mark.parametrize(
    ("types", "told"),
    [
        ({"v": "bigint"}, "Not all of v can be read as bigint: 'x' "),
        ({"vw": "bigint"}, "There is no column 'vw'; near it: v"),
        ({"v": "bigintt"}, "There is no type 'bigintt'; near it: bigint"),
    ],
)
def test_a_wanted_type_that_does_not_do_is_refused(read, types, told):
    with pytest.raises(UserError, match=told.replace("(", r"\(")):
        read("v,vv\n1,1\nx,1\n", types=types)


def test_a_file_without_a_line_and_one_that_is_no_text_are_refused(read, tmp_path):
    for body, told in ((b"", "holds no line"), (b"a\0b,c\n1,2\n", "is no text")):
        with pytest.raises(UserError, match=told):
            read(body)
        Path(tmp_path / "staged").rmdir()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"decimal": ";"}, "no decimal mark"),
        ({"bad_lines": "drop"}, "bad_lines is 'drop'"),
        ({"delimiter": ";;"}, "no single character"),
        ({"skip": -1}, "cannot be skipped"),
        ({"nulls": "N/A"}, "a list of texts is wanted"),
    ],
)
def test_an_option_that_is_none_is_refused(options, told):
    with pytest.raises(UserError, match=told):
        Options(**options)


@pytest.mark.parametrize(
    "text",
    [b'a,b\r\n1,"x\r\ny"\n3,z\r\n', b'a,b\n1,"x\r\ny"\r\n3,z\n', b'a,b\n1,"x\r\ny"\r3,z'],
    ids=["mostly both", "mostly LF", "a CR alone"],
)
def test_lines_that_end_in_several_ways_are_lines(read, text):
    table, _, _ = read(text)
    assert table.to_pylist() == [{"a": 1, "b": "x\r\ny"}, {"a": 3, "b": "z"}]


def test_a_long_field_is_read(read):
    table, _, _ = read("a,b\n1," + "x" * 200_000 + "\n")
    assert len(table.column("b")[0].as_py()) == 200_000


def test_a_field_that_is_too_long_is_told(read):
    with pytest.raises(UserError, match=r"mine\.csv has a field of more than 16,777,216 characters"):
        read("a,b\n1," + "x" * 17_000_000 + "\n")


def test_what_is_neither_utf_8_nor_cp1252_is_told(read):
    with pytest.raises(UserError, match=r"mine\.csv is neither UTF-8 nor cp1252"):
        read(b"a,b\n1,\x81\n")
