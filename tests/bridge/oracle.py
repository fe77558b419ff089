"""spark.sql as the oracle of a pair's code."""

from __future__ import annotations

from typing import Any

from helpers.bridge import translate
from tests.bridge.fixtures import Pair
from tests.bridge.world import SCHEMA


def differs(spark: Any, frames: dict[str, Any], pair: Pair) -> str:
    """What the pair's code answers otherwise than its SQL; "" = nothing."""
    done = translate(pair.sql, pair.dialect, SCHEMA)
    names = {"spark": spark, **frames}
    exec("\n".join(done.imports) + "\n" + done.code, names)
    wanted, got = spark.sql(done.spark_sql), names["result"]
    types = [[(field.name, field.dataType.simpleString()) for field in one.schema] for one in (wanted, got)]
    if types[0] != types[1]:
        return f"{types[0]} became {types[1]}"
    rows = [sorted(repr(tuple(row)) for row in one.collect()) for one in (wanted, got)]
    return "" if rows[0] == rows[1] else f"{rows[0][:3]} became {rows[1][:3]}"
