from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

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


def test_a_wanted_type_is_read_from_the_cells(book):
    rows = [
        ("id", "n", "day", "on", "price", "rest"),
        (7, "1", datetime(2024, 1, 2, 3, 4), "true", 1.5, "x"),
        (None, " 2 ", None, None, 2, "y"),
    ]
    types = {"id": "string", "n": "bigint", "day": "date", "on": "boolean", "price": "decimal(5,2)"}
    table, about, _ = sheet(book(Data=rows), Options(types=types))
    assert table.to_pylist() == [
        {"id": "7", "n": 1, "day": date(2024, 1, 2), "on": True, "price": Decimal("1.50"), "rest": "x"},
        {"id": None, "n": 2, "day": None, "on": None, "price": Decimal("2.00"), "rest": "y"},
    ]
    assert about == ["as you wanted"] * 5 + [""]


def test_a_wanted_type_that_does_not_fit_is_refused(book):
    path = book(Data=[("n",), ("1",), ("N/A",)])
    with pytest.raises(UserError, match=r"Not all of n can be read as bigint: 'N/A' \(1\)") as refused:
        sheet(path, Options(types={"n": "bigint"}))
    assert "nulls=['N/A']" in refused.value.remedy
    assert sheet(path, Options(types={"n": "bigint"}, nulls=["N/A"]))[0].column("n").to_pylist() == [1, None]
    with pytest.raises(UserError, match="There is no column 'm'"):
        sheet(path, Options(types={"m": "bigint"}))
    with pytest.raises(UserError, match="no type 'bigit'; near it: bigint"):
        sheet(path, Options(types={"n": "bigit"}))


@pytest.mark.parametrize(
    "options",
    [{"decimal": ","}, {"day_first": True}, {"delimiter": ";"}, {"encoding": "utf-8"}, {"bad_lines": "skip"}],
)
def test_what_cells_do_not_take_is_refused(book, options):
    with pytest.raises(UserError, match=f"have types of their own: it takes no {next(iter(options))}="):
        sheet(book(Data=[("n",), (1,)]), Options(**options))


def test_a_sheet_that_is_a_chart_is_no_sheet_of_cells(tmp_path):
    made = Workbook()
    made.active.title = "Data"
    made.active.append(["n"])
    made.active.append([1])
    made.create_chartsheet("Chart", 0).add_chart(BarChart())
    made.save(tmp_path / "mine.xlsx")
    table, _, said = sheet(tmp_path / "mine.xlsx", Options())
    assert table.to_pylist() == [{"n": 1}]
    assert said == ["Sheet Data."]
