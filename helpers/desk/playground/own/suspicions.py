"""What looks wrong in a column, as conditions that Spark counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column
    from pyspark.sql.types import DataType, StructField

NULL_WORDS = ("null", "none", "nil", "na", "n/a", "#n/a", "nan", "-", "--", "?", "unknown", "missing", "undefined")
"""Texts, in small letters, that often stand for NULL."""
_STAND_INS = {
    sign * number
    for sign, digits in ((1, range(3, 8)), (-1, range(2, 8)))
    for number in (int("9" * one) for one in digits)
}
"""Numbers that often stand for "no value", where they are a column's least or greatest: 999, -99, -999 ..."""
_DAYS = ("0001-01-01", "1899-12-30", "1900-01-01", "1970-01-01", "2099-12-31", "2999-12-31", "9999-12-31")
"""Dates that often stand for "no value" or "for ever"."""
_FAR = 3
"""Quartile ranges beyond the quartiles from which on a value is an outlier (Tukey's far out)."""


@dataclass(frozen=True)
class Doubt:
    """Something to count in a column: what it is, and which rows."""

    what: str
    condition: Column


@dataclass(frozen=True)
class Range:
    """What the first pass found of a column of numbers."""

    least: float
    low: float
    high: float
    greatest: float


def doubts(name: str, kind: DataType) -> Iterator[Doubt]:
    """What can be counted of a column of this type in the first pass."""
    from pyspark.sql import functions as F
    from pyspark.sql import types as T

    column = F.col(quoted(name))
    if isinstance(kind, T.StringType):
        plain = F.trim(column)
        yield Doubt("blank text", plain == "")
        yield Doubt("blanks around the text", (plain != column) & (plain != ""))
        yield Doubt("a word for NULL", F.lower(plain).isin(*NULL_WORDS))
    elif isinstance(kind, T.FloatType | T.DoubleType):
        yield Doubt("no number (NaN)", F.isnan(column))
        yield Doubt("infinite", column.isin(float("inf"), float("-inf")))
    elif isinstance(kind, T.DateType | T.TimestampType | T.TimestampNTZType):
        stands_in = column.cast("date").isin(*[F.lit(one).cast("date") for one in _DAYS])
        yield Doubt("a stand-in for no value?", stands_in)
        yield Doubt("in the future", (column.cast("date") > F.current_date()) & ~stands_in)


def doubts_of_range(name: str, found: Range) -> Iterator[Doubt]:
    """What can be counted of a column of numbers once its range is known."""
    from pyspark.sql import functions as F

    number = F.col(quoted(name)).cast("double")
    stand_ins = [one for one in (found.least, found.greatest) if one in _STAND_INS]
    for one in stand_ins:
        yield Doubt("a stand-in for no value?", number == F.lit(one))
    span = _FAR * (found.high - found.low)
    if span > 0:
        # For Spark NaN is greater than any number.
        far = (number < F.lit(found.low - span)) | ((number > F.lit(found.high + span)) & ~F.isnan(number))
        yield Doubt("far from the others", far & ~number.isin(*stand_ins) if stand_ins else far)


def quoted(name: str) -> str:
    """A column's name as `F.col` takes it, whatever it holds."""
    return "`" + name.replace("`", "``") + "`"


def is_number(one: StructField) -> bool:
    """Whether a column holds numbers."""
    from pyspark.sql.types import NumericType

    return isinstance(one.dataType, NumericType)


def is_text(one: StructField) -> bool:
    """Whether a column holds texts."""
    from pyspark.sql.types import StringType

    return isinstance(one.dataType, StringType)


def is_flat(one: StructField) -> bool:
    """Whether Spark can order and group by a column: no map, array, struct or variant."""
    from pyspark.sql.types import AtomicType, VariantType

    return isinstance(one.dataType, AtomicType) and not isinstance(one.dataType, VariantType)
