"""Spark's names of types and Arrow's types, each told in the other's words."""

from __future__ import annotations

import pyarrow as pa
from pyarrow import types

from helpers.compare.spelling import PLAIN_NAME, read_type
from helpers.core.errors import UserError

# Spark has no unsigned integers and no other widths: the smallest type that holds every value stands for them.
_NAMES: tuple[tuple[object, str], ...] = (
    (types.is_boolean, "boolean"),
    (types.is_int8, "tinyint"),
    (types.is_int16, "smallint"),
    (types.is_uint8, "smallint"),
    (types.is_int32, "int"),
    (types.is_uint16, "int"),
    (types.is_int64, "bigint"),
    (types.is_uint32, "bigint"),
    (types.is_uint64, "decimal(20,0)"),
    (types.is_float16, "float"),
    (types.is_float32, "float"),
    (types.is_float64, "double"),
    (types.is_string, "string"),
    (types.is_large_string, "string"),
    (types.is_string_view, "string"),
    (types.is_binary, "binary"),
    (types.is_large_binary, "binary"),
    (types.is_fixed_size_binary, "binary"),
    (types.is_binary_view, "binary"),
    (types.is_date, "date"),
    (types.is_time, "time(6)"),
    (types.is_duration, "interval day to second"),
    (types.is_interval, "interval"),
    (types.is_null, "void"),
)


def spark_type(kind: pa.DataType) -> str:
    """Spark's simpleString of an Arrow type: `int`, `decimal(10,2)`, `array<int>`, `struct<a:int>`.

    A timestamp with any zone is `timestamp`, without one `timestamp_ntz`. A field's name with one of ` , : < >
    stands in backticks. Raises UserError for a type that Spark does not have.
    """
    if types.is_timestamp(kind):
        return "timestamp_ntz" if kind.tz is None else "timestamp"
    if types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if types.is_dictionary(kind):
        return spark_type(kind.value_type)
    if types.is_map(kind):
        return f"map<{spark_type(kind.key_type)},{spark_type(kind.item_type)}>"
    if is_list(kind):
        return f"array<{spark_type(kind.value_type)}>"
    if types.is_struct(kind):
        return f"struct<{','.join(f'{_quoted(field.name)}:{spark_type(field.type)}' for field in kind)}>"
    for is_kind, name in _NAMES:
        if is_kind(kind):  # type: ignore[operator]
            return name
    if isinstance(kind, pa.BaseExtensionType):
        return spark_type(kind.storage_type)
    raise UserError(f"Spark has no type for Arrow's {kind}.", "Cast the column to a type of Spark.")


def arrow_type(name: str) -> pa.DataType:
    """The Arrow type that a column of this Spark type arrives in: the inverse of `spark_type`.

    Upper and lower case, blanks and the usual synonyms (integer, long, varchar(n), numeric(p,s)) are understood.
    A timestamp with zone gets UTC. Raises UserError naming the text that is no type.
    """
    return read_type(name)


def is_list(kind: pa.DataType) -> bool:
    """True for each of Arrow's spellings of an array; a map is none."""
    return types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)


def _quoted(name: str) -> str:
    return name if PLAIN_NAME.fullmatch(name) else "`" + name.replace("`", "``") + "`"
