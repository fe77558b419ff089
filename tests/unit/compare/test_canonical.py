import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from helpers.compare.canonical import cells, sort_key, split


def canonical(values, kind, like=None):
    return cells(pa.array(values, kind), like or kind)


def test_doubles_have_one_zero_and_words_for_what_is_no_number():
    found = canonical([-0.0, float("nan"), float("inf"), -float("inf"), None, 1.5], pa.float64())
    assert [str(value) for value in found] == ["0.0", "NaN", "Infinity", "-Infinity", "None", "1.5"]
    assert [type(value) for value in found].count(float) == 2


def test_units_and_zones_of_an_instant_do_not_matter():
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    kinds = [pa.timestamp(unit, tz=zone) for unit in ("s", "ms", "us", "ns") for zone in ("UTC", "Asia/Tokyo")]
    assert len({canonical([at], kind)[0] for kind in kinds}) == 1


def test_far_instants_and_dates_do_not_overflow():
    far = pa.array([2**62], pa.int64()).cast(pa.timestamp("us"))
    assert cells(far, far.type) == [2**62 * 1000]
    days = pa.array([10**8], pa.int32()).cast(pa.date32())
    assert cells(days, days.type) == [10**8]


def test_date64_is_the_same_day():
    day = dt.date(1969, 12, 31)
    assert canonical([day], pa.date64()) == canonical([day], pa.date32()) == [-1]


def test_nested_slices_keep_their_rows():
    kind = pa.list_(pa.struct([("m", pa.map_(pa.string(), pa.float64()))]))
    values = [[{"m": [("z", 1.0)]}], None, [], [None, {"m": None}], [{"m": [("b", 2.0), ("a", None)]}]]
    array = pa.array(values, kind)
    whole = cells(array, kind)
    assert whole == [(((("z", 1.0),),),), None, (), (None, (None,)), (((("a", None), ("b", 2.0)),),)]
    for start in range(5):
        assert cells(array.slice(start), kind) == whole[start:]


def test_struct_fields_come_in_the_contracts_order():
    kind, like = (
        pa.struct([("b", pa.int32()), ("a", pa.string())]),
        pa.struct([("a", pa.string()), ("b", pa.int64())]),
    )
    assert canonical([{"a": "x", "b": 1}, None], kind, like) == [("x", 1), None]


def test_maps_with_doubles_as_keys():
    kind = pa.map_(pa.float64(), pa.int32())
    one, other = [(2.0, 1), (float("nan"), 2), (-0.0, 3)], [(0.0, 3), (float("nan"), 2), (2.0, 1)]
    assert canonical([one], kind) == canonical([other], kind)
    assert split(canonical([one], kind)[0], []) == (("0.0", 3), ("2.0", 1), ("NaN", 2))


def test_strings_that_are_no_utf8_are_told_apart():
    kind = pa.list_(pa.string())
    odd = pa.ListArray.from_arrays([0, 3], pa.array([b"\xff", b"\xfe", None]).view(pa.string()))
    one, other, null = cells(odd, kind)[0]
    assert one != other and null is None


def test_splitting_leaves_only_what_must_be_exact():
    numbers = []
    assert split((1, 0.5, (2.5, "x", None), "NaN"), numbers) == (1, ..., (..., "x", None), "NaN")
    assert numbers == [0.5, 2.5]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([None, -float("inf"), -1.0, 0.0, 2.0, float("inf"), float("nan")], pa.float64()),
        ([None, "", "A", "B", "a", "é", "\uffff", "😀"], pa.string()),
        ([None, b"", b"\x00", b"\x7f", b"\xff"], pa.binary()),
        ([None, Decimal("-1.5"), Decimal(9), Decimal(10)], pa.decimal128(10, 2)),
        ([None, False, True], pa.bool_()),
        ([None, [], [None], [1], [1, None], [1, 2], [2]], pa.list_(pa.int32())),
        ([None, {"a": None}, {"a": "NaN"}, {"a": "b"}], pa.struct([("a", pa.string())])),
        ([None, [1.0], [float("nan")]], pa.list_(pa.float64())),
    ],
)
def test_sorting_is_sparks(values, kind):
    found = canonical(values, kind)
    keys = [sort_key(value, kind) for value in found]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)
