"""Which types are spellings of one another, and what a comparison must know about a type."""

from __future__ import annotations

import pyarrow as pa
from pyarrow import types

from helpers.compare.table import is_list, spark_type
from helpers.core.errors import UserError


def type_words(kind: pa.DataType) -> str:
    """Spark's name of the type, or Arrow's where Spark has none; never an error."""
    try:
        return spark_type(kind)
    except UserError:
        return str(kind)


def same_spelling(one: pa.DataType, other: pa.DataType) -> bool:
    """True where two types differ at most in integer width, float for double, decimal's digits, order of a struct's
    fields.

    Holds inside arrays, maps and structs too. Field names count by case; what may be NULL does not count.
    """
    return _family(one) == _family(other)


def has_single_floats(kind: pa.DataType) -> bool:
    """True where the type is, or holds, floating point numbers of less than 64 bits."""
    if types.is_map(kind):
        return has_single_floats(kind.key_type) or has_single_floats(kind.item_type)
    if is_list(kind):
        return has_single_floats(kind.value_type)
    if types.is_struct(kind):
        return any(has_single_floats(field.type) for field in kind)
    return types.is_float32(kind) or types.is_float16(kind)


def field_places(kind: pa.DataType, like: pa.DataType) -> list[int]:
    """For each field of the struct `like`, where `kind` has it: by name, or by place where a name stands twice."""
    names = [field.name for field in kind]
    if len(set(names)) < len(names):
        return list(range(len(names)))
    return [names.index(field.name) for field in like]


def _family(kind: pa.DataType) -> object:
    if types.is_dictionary(kind):
        return _family(kind.value_type)
    if types.is_map(kind):
        return "map", _family(kind.key_type), _family(kind.item_type)
    if is_list(kind):
        return "array", _family(kind.value_type)
    if types.is_struct(kind):
        fields = [(field.name, _family(field.type)) for field in kind]
        twice = len({name for name, _ in fields}) < len(fields)
        return "struct", tuple(fields) if twice else frozenset(fields)
    name = type_words(kind)
    if name in ("tinyint", "smallint", "int", "bigint"):
        return "integer"
    if name in ("float", "double"):
        return "floating"
    return "decimal" if name.startswith("decimal(") else name
