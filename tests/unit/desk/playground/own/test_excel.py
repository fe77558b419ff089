from datetime import date, datetime

import pytest
from openpyxl import Workbook

from helpers.core.errors import UserError
from helpers.desk.playground.own.excel import sheet
from helpers.desk.playground.own.options import Options


@pytest.fixture
def book(tmp_path):
    """Called with sheets' rows by their names: the path of an Excel file that holds them."""

    def make(**sheets):
        made = Workbook()
        made.remove(made.active)
        for name, rows in sheets.items():
            one = made.create_sheet(name)
            for row in rows:
                one.append(row)
        path = tmp_path / "mine.xlsx"
        made.save(path)
        return path

    return make


def test_the_cells_types_are_the_columns(book):
    rows = [
        ("id", "n", "share", "on", "day", "at", "mixed", "none"),
        ("007", 1, 1, True, datetime(2024, 1, 2), datetime(2024, 1, 2, 3, 4), 5, None),
        ("008", None, 0.5, False, None, datetime(2024, 1, 3), "N/A", None),
    ]
    table, about, said = sheet(book(Data=rows), Options())
    types = {one.name: str(one.type) for one in table.schema}
    assert types == {
        "id": "string", "n": "int64", "share": "double", "on": "bool", "day": "date32[day]", "at": "timestamp[us]",
        "mixed": "string", "none": "string",
    }  # fmt: skip
    assert table.to_pylist()[0]["day"] == date(2024, 1, 2)
    assert table.column("mixed").to_pylist() == ["5", "N/A"]
    assert dict(zip(table.column_names, about, strict=True))["mixed"] == "text, for it holds numbers, texts"
    assert said == ["Sheet Data."]


def test_a_text_that_means_null_leaves_numbers(book):
    table, _, _ = sheet(book(Data=[("n",), (1,), ("N/A",)]), Options(nulls=["N/A"]))
    assert table.column("n").to_pylist() == [1, None]


def test_sheets_are_named_and_chosen(book):
    path = book(First=[("a",), (1,)], Second=[("b",), (2,)])
    assert sheet(path, Options())[2] == ["Sheet First; sheet=... reads another: Second."]
    assert sheet(path, Options(sheet="Second"))[0].to_pylist() == [{"b": 2}]
    with pytest.raises(UserError, match="near it: Second"):
        sheet(path, Options(sheet="Secnd"))


def test_a_title_above_the_names_is_not_taken_for_them(book):
    path = book(Data=[("Report", None, None), ("a", "b", "c"), (1, 2, 3)])
    with pytest.raises(UserError, match=r"Line 1 of mine\.xlsx fills 1 of 3 columns") as refused:
        sheet(path, Options())
    assert "skip=1" in refused.value.remedy
    assert sheet(path, Options(skip=1))[0].to_pylist() == [{"a": 1, "b": 2, "c": 3}]


def test_empty_rows_and_short_rows_do_no_harm(book):
    table, _, _ = sheet(book(Data=[("a", "b"), (None, None), (1,), (2, "x")]), Options())
    assert table.to_pylist() == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]


def test_what_is_no_excel_file_and_an_empty_sheet_are_refused(book, tmp_path):
    other = tmp_path / "other.xlsx"
    other.write_text("a,b\n")
    with pytest.raises(UserError, match="no Excel file"):
        sheet(other, Options())
    with pytest.raises(UserError, match="holds no row"):
        sheet(book(Data=[]), Options())
