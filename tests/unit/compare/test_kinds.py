import pyarrow as pa
import pytest

from helpers.compare import arrow_type
from helpers.compare.kinds import has_single_floats, same_spelling, type_words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("int", "bigint", True),
        ("float", "double", True),
        ("int", "double", False),
        ("decimal(10,2)", "decimal(5,0)", True),
        ("decimal(10,0)", "bigint", False),
        ("timestamp", "timestamp_ntz", False),
        ("array<int>", "array<smallint>", True),
        ("array<int>", "array<string>", False),
        ("map<int,float>", "map<bigint,double>", True),
        ("map<string,int>", "struct<key:string,value:int>", False),
        ("struct<a:int,b:string>", "struct<b:string,a:bigint>", True),
        ("struct<a:int,b:string>", "struct<a:string,b:int>", False),
        ("struct<a:int,a:string>", "struct<a:string,a:int>", False),
        ("struct<a:int,a:string>", "struct<a:bigint,a:string>", True),
    ],
)
def test_spellings(one, other, same):
    assert (
        same_spelling(arrow_type(one), arrow_type(other)) == same_spelling(arrow_type(other), arrow_type(one)) == same
    )


@pytest.mark.parametrize(
    ("kind", "there"),
    [
        ("float", True),
        ("double", False),
        ("array<float>", True),
        ("map<int,float>", True),
        ("struct<a:int,b:array<float>>", True),
        ("struct<a:int>", False),
    ],
)
def test_single_floats_are_found_however_deep(kind, there):
    assert has_single_floats(arrow_type(kind)) is there


def test_a_type_unknown_to_spark_has_words_too():
    kind = pa.run_end_encoded(pa.int32(), pa.int32())
    assert type_words(kind) == str(kind)
