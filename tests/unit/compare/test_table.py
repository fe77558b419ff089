import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.compare import arrow_type, spark_type
from helpers.core.errors import UserError

PAIRS = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "decimal(10,2)": pa.decimal128(10, 2),
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "interval day to second": pa.duration("us"),
    "void": pa.null(),
    "array<int>": pa.list_(pa.int32()),
    "map<string,int>": pa.map_(pa.string(), pa.int32()),
    "struct<a:int>": pa.struct([("a", pa.int32())]),
    "struct<>": pa.struct([]),
    "struct<`a:b`:int,c d:string,`e``f`:date,` g`:int>": pa.struct(
        [("a:b", pa.int32()), ("c d", pa.string()), ("e`f", pa.date32()), (" g", pa.int32())]
    ),
}


@pytest.mark.parametrize(("name", "kind"), PAIRS.items())
def test_both_ways(name, kind):
    assert spark_type(kind) == name and arrow_type(name) == kind


names = st.recursive(
    st.sampled_from([name for name in PAIRS if "<" not in name]),
    lambda inner: (
        inner.map("array<{}>".format)
        | st.tuples(inner.filter(lambda key: key != "void"), inner).map(lambda pair: f"map<{pair[0]},{pair[1]}>")
        | st.lists(inner, max_size=3).map(
            lambda kinds: f"struct<{','.join(f'f{at}:{kind}' for at, kind in enumerate(kinds))}>"
        )
    ),
    max_leaves=6,
)


@given(names)
def test_any_nesting_comes_back(name):
    assert spark_type(arrow_type(name)) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("INTEGER", "int"),
        (" long ", "bigint"),
        ("varchar(20)", "string"),
        ("char(1)", "string"),
        ("Numeric(5)", "decimal(5,0)"),
        ("decimal", "decimal(10,0)"),
        ("DECIMAL ( 12 , 4 )", "decimal(12,4)"),
        ("timestamp_ltz", "timestamp"),
        ("array < struct< a : int , b: map<string, double> > >", "array<struct<a:int,b:map<string,double>>>"),
    ],
)
def test_other_ways_to_write_a_type(written, name):
    assert spark_type(arrow_type(written)) == name


@pytest.mark.parametrize(
    "written",
    [
        "",
        "number",
        "int unsigned",
        "int>",
        "array",
        "array<int",
        "map<int>",
        "decimal(39,2)",
        "decimal(2,3)",
        "struct<a>",
        "varchar",
        "map<void,int>",
    ],
)
def test_what_is_no_type_is_refused_and_shown(written):
    with pytest.raises(UserError, match="is no type of Spark") as caught:
        arrow_type(written)
    assert repr(written) in caught.value.cause and "bigint" in caught.value.remedy


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (pa.timestamp("ns", tz="Europe/Berlin"), "timestamp"),
        (pa.timestamp("s"), "timestamp_ntz"),
        (pa.large_list(pa.large_string()), "array<string>"),
        (pa.list_(pa.int8(), 3), "array<tinyint>"),
        (pa.dictionary(pa.int8(), pa.string()), "string"),
        (pa.uint8(), "smallint"),
        (pa.uint64(), "decimal(20,0)"),
        (pa.date64(), "date"),
        (pa.binary(4), "binary"),
        (pa.uuid(), "binary"),
    ],
)
def test_arrows_other_spellings(kind, name):
    assert spark_type(kind) == name


def test_what_spark_lacks_is_refused():
    with pytest.raises(UserError, match="Spark has no type"):
        spark_type(pa.run_end_encoded(pa.int32(), pa.int32()))
