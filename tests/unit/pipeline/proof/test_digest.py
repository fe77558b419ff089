from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.core.errors import PipelineError
from helpers.pipeline.proof.digest import gold_hash
from helpers.pipeline.tables import Table

TWINS = {
    name: Table(name, "id STRING, seen TIMESTAMP, amount DECIMAL(9,3), note STRING, month STRING", "month", ("id",))
    for name in ("left", "right")
}
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("seen", pa.timestamp("us", "UTC")),
        ("amount", pa.decimal128(9, 3)),
        ("note", pa.string()),
        ("month", pa.string()),
    ]
)
ROWS = [
    ("a", datetime(2022, 1, 2, 3, 4, 5, 6, tzinfo=UTC), Decimal("1.500"), "x", "2022-01"),
    ("b", datetime(2022, 2, 2, tzinfo=UTC), Decimal("-0.001"), None, "2022-02"),
    ("c", None, None, "ü", None),
]


def table(rows, schema=SCHEMA):
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def digest(rows, name="left"):
    return gold_hash({name: table(rows)}, TWINS)


def changed(row, **cells):
    return tuple(cells.get(name, value) for name, value in zip(SCHEMA.names, row, strict=True))


def test_the_canonical_text():
    # Columns by name: amount, id, note, seen; each with its length in bytes.
    text = (
        "left\n"
        "5:1.500,1:a,1:x,27:2022-01-02T03:04:05.000006Z\n"
        "6:-0.001,1:b,-,27:2022-02-02T00:00:00.000000Z\n"
        "-,1:c,2:ü,-\n"
    )
    assert digest(ROWS) == sha256(text.encode()).hexdigest()


def test_order_layout_and_what_else_a_table_has_do_not_matter(tmp_path):
    expected = digest(ROWS)
    assert digest(ROWS[::-1]) == expected
    assert gold_hash({"left": table(ROWS).select(SCHEMA.names[::-1])}, TWINS) == expected
    assert gold_hash({"left": table(ROWS).append_column("run_id", pa.array(["r"] * 3))}, TWINS) == expected
    assert gold_hash({"left": table(ROWS).drop_columns(["month"])}, TWINS) == expected
    chunks = pa.concat_tables([table(ROWS[:1]), table(ROWS[1:])])
    assert gold_hash({"left": chunks}, TWINS) == expected

    pq.write_table(table(ROWS), tmp_path / "one.parquet", row_group_size=1)
    assert gold_hash({"left": tmp_path / "one.parquet"}, TWINS) == expected
    for number, row in enumerate(ROWS):
        part = tmp_path / "parts" / f"month={row[4]}"
        part.mkdir(parents=True)
        pq.write_table(table([row]).drop_columns(["month"]), part / f"{number}.parquet")
    assert gold_hash({"left": tmp_path / "parts"}, TWINS) == expected


def test_types_that_say_the_same_are_the_same():
    loose = pa.schema(
        [
            ("id", pa.large_string()),
            ("seen", pa.timestamp("ns")),
            ("amount", pa.decimal128(20, 5)),
            ("note", pa.string()),
            ("month", pa.string()),
        ]
    )
    rows = [changed(row, seen=row[1] and row[1].replace(tzinfo=None)) for row in ROWS]
    assert gold_hash({"left": table(rows, loose)}, TWINS) == digest(ROWS)
    elsewhere = table(ROWS).cast(SCHEMA.set(1, pa.field("seen", pa.timestamp("us", "Asia/Kolkata"))))
    assert gold_hash({"left": elsewhere}, TWINS) == digest(ROWS)


@pytest.mark.parametrize(
    "row",
    [
        changed(ROWS[0], id="A"),
        changed(ROWS[0], seen=datetime(2022, 1, 2, 3, 4, 5, 7, tzinfo=UTC)),
        changed(ROWS[0], amount=Decimal("1.501")),
        changed(ROWS[0], amount=None),
        changed(ROWS[0], note=""),
        changed(ROWS[0], note=None),
        changed(ROWS[0], note="-"),
        changed(ROWS[0], note="x,1:y"),
        changed(ROWS[0], note="x\n"),
    ],
)
def test_one_changed_cell_changes_the_hash(row):
    assert digest([row, *ROWS[1:]]) != digest(ROWS)


def test_null_is_not_the_empty_text():
    empty, null = changed(ROWS[0], note=""), changed(ROWS[0], note=None)
    assert len({digest([empty]), digest([null]), digest([changed(ROWS[0], note="-")])}) == 3


def test_texts_cannot_flow_into_each_other():
    one = changed(ROWS[0], id="a,1:b", note="c")
    other = changed(ROWS[0], id="a", note="b,1:c")
    assert digest([one]) != digest([other])


def test_a_row_less_a_row_more_and_a_row_moved_are_told():
    def both(left, right):
        return gold_hash({"left": table(left), "right": table(right)}, TWINS)

    found = {
        both(ROWS, []),
        both(ROWS[:2], ROWS[2:]),
        both(ROWS[:1], ROWS[1:]),
        both(ROWS[:2], []),
        both([*ROWS, ROWS[0]], []),
        both([], ROWS),
        digest(ROWS),
        digest(ROWS, "right"),
    }
    assert len(found) == 8


def test_gold_itself_has_a_hash():
    schema = pa.schema(
        [
            ("source", pa.string()), ("channel", pa.string()), ("local_date", pa.date32()), ("readings", pa.int32()),
            ("stuck", pa.int32()), ("spike", pa.int32()), ("interpolated", pa.int32()), ("drift", pa.bool_()),
            ("score", pa.decimal128(7, 6)), ("month", pa.string()),
        ]
    )  # fmt: skip
    row = ("s", "c", date(2022, 1, 1), 96, 8, 1, 0, None, Decimal("0.906250"), "2022-01")
    text = "gold/quality\n1:c,-,1:0,10:2022-01-01,2:96,8:0.906250,1:s,1:1,1:8\n"
    assert gold_hash({"gold/quality": table([row], schema)}) == sha256(text.encode()).hexdigest()


def test_what_cannot_be_hashed_is_refused(tmp_path):
    with pytest.raises(PipelineError, match="no table 'middle'"):
        gold_hash({"middle": table(ROWS)}, TWINS)
    with pytest.raises(PipelineError, match="'left' lacks the column 'amount'"):
        gold_hash({"left": table(ROWS).drop_columns(["amount"])}, TWINS)
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(PipelineError, match="Delta"):
        gold_hash({"left": tmp_path}, TWINS)
