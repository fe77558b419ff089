"""What a pipeline's layer gets and must give: columns by name and type, told in one sentence where they differ."""

from __future__ import annotations

from types import ModuleType

from pyspark.errors import ParseException
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from helpers.core.errors import UserError

ROWS = "source STRING, place STRING, arrival_time TIMESTAMP, raw BINARY"
"""What `refine` gets: grain one message, line or row of a source, as received; key place."""

QUARANTINE = f"{ROWS}, reasons ARRAY<STRING>"
"""What `refine` gives second: the refused ones with every reason; key place."""

NEEDED = ("refine", "READINGS", "KEY")
"""What layers.py must have: the function, the columns of what it gives first (Spark DDL), and their key."""


def expect(rows: DataFrame, ddl: str, what: str) -> DataFrame:
    """The rows with exactly the columns of `ddl`, in its order. Raises UserError naming the first that differs.

    ddl: as Spark writes columns; what: as in "the readings".
    """
    wanted, found = {field.name: field for field in schema(ddl, what).fields}, set(rows.columns)
    for name, field in wanted.items():
        if name not in found:
            raise UserError(
                f"In layers.py {what} have no column {name!r}; they have {', '.join(rows.columns)}.",
                f"Let refine() give {name}, or take it out of the columns that are declared.",
            )
        kind = rows.schema[name].dataType
        if kind.simpleString() != field.dataType.simpleString():
            raise UserError(
                f"In layers.py {what} have the column {name!r} as {kind.simpleString().upper()}, declared as "
                f"{field.dataType.simpleString().upper()}.",
                f"Let refine() cast {name}, or declare it otherwise.",
            )
    if extra := [name for name in rows.columns if name not in wanted]:
        raise UserError(
            f"In layers.py {what} have the column {extra[0]!r}, which is not declared.",
            f"Declare {extra[0]}, or let refine() leave it out.",
        )
    return rows.select(*wanted)


def schema(ddl: str, what: str) -> StructType:
    """The columns of Spark DDL. Raises UserError where it is none."""
    try:
        found = StructType.fromDDL(ddl)
    except ParseException as error:
        raise UserError(
            f"In layers.py the columns of {what} cannot be read: {' '.join(str(error).split())[:200]}.",
            "Write them as in:  event_id STRING, power_kw DECIMAL(18,6)",
        ) from None
    return found if isinstance(found, StructType) else StructType()


def complete(layers: ModuleType) -> None:
    """Raises UserError where layers.py lacks what a run needs of it."""
    missing = [name for name in NEEDED if not hasattr(layers, name)]
    if missing:
        raise UserError(f"The module {layers.__name__} has no {missing[0]}.", f"It needs {', '.join(NEEDED)}.")


def keyed(layers: ModuleType) -> None:
    """Raises UserError where READINGS lacks its key, or the time by which the newest of two rows is told."""
    names = schema(layers.READINGS, "the readings").names
    for name in (layers.KEY, "arrival_time"):
        if name not in names:
            raise UserError(
                f"In layers.py READINGS has no column {name!r}, by which a row, or the newest of two, is told.",
                f"Add {name} to READINGS and to what refine() gives.",
            )
