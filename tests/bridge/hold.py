"""A translation held against `spark.sql` of the same text: names, types, plans, and rows where the plans differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.bridge import Refusal, Translation, translate
from helpers.spark.classic import same_optimised

WRONG = ("different", "code fails", "crash")
"""Verdicts that no translation may get: silently different, or code that does not run."""


@dataclass(frozen=True)
class Held:
    """A verdict: same plan, same rows, both stop, refused, refused by Spark, or one of WRONG. told: its reason."""

    word: str
    told: str = ""

    @property
    def counted(self) -> bool:
        """Whether the query counts: Spark itself takes it."""
        return self.word != "refused by Spark"


def held(session: Any, frames: Mapping[str, Any], sql: str, schema: Any, ordered: bool) -> Held:
    """The verdict on the bridge's code for a query over these frames, which are views of the session as well."""
    try:
        wanted = session.sql(sql)
        # Of some queries only the optimiser finds that they cannot be run.
        wanted._jdf.queryExecution().optimizedPlan()
    except Exception as error:
        return Held("refused by Spark", _first_line(error))
    try:
        done = translate(sql, schema=schema)
    except Refusal as refusal:
        return Held("refused", str(refusal))
    except Exception as error:
        return Held("crash", f"{type(error).__name__}: {error}")
    try:
        got = built(session, frames, done)
        got._jdf.queryExecution().optimizedPlan()
    except Exception as error:
        return Held("code fails", _first_line(error))
    if wrong := _columns(wanted, got):
        return Held("different", wrong)
    if same_optimised(wanted, got):
        return Held("same plan")
    return rows_held(wanted, got, ordered)


def built(session: Any, frames: Mapping[str, Any], done: Translation) -> Any:
    """The frame that a translation's code makes. Raises whatever the code raises."""
    names = {"spark": session, **{name: frames[name.lower()] for name in done.tables}}
    exec("\n".join(done.imports) + "\n" + done.code, names)
    return names["result"]


def rows_held(wanted: Any, got: Any, ordered: bool) -> Held:
    """The verdict on two frames by their rows."""
    sides = [_rows(one) for one in (wanted, got)]
    stops = [one for one in sides if isinstance(one, str)]
    if isinstance(sides[0], str) and sides[0].startswith("Py4JJavaError"):
        # No error of the data, which would have a class of its own: Spark itself breaks down.
        return Held("refused by Spark", sides[0])
    if len(stops) == 2:
        return Held("both stop", stops[0])
    if stops:
        return Held("different", f"only {'the query' if isinstance(sides[0], str) else 'the code'} stops: {stops[0]}")
    one, other = ((side if ordered else sorted(side)) for side in sides)
    if one == other:
        return Held("same rows")
    place = next(
        (n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    words = f"{len(one)} rows became {len(other)}" if len(one) != len(other) else f"row {place}"
    return Held("different", f"{words}: {one[place:][:2]} became {other[place:][:2]}")


def _columns(wanted: Any, got: Any) -> str:
    sides = [[(one.name, one.dataType.simpleString()) for one in frame.schema] for frame in (wanted, got)]
    if sides[0] == sides[1]:
        return ""
    pairs = [f"{one} became {other}" for one, other in zip(*sides, strict=False) if one != other]
    return "; ".join(pairs) or f"{len(sides[0])} columns became {len(sides[1])}"


def _rows(frame: Any) -> list[str] | str:
    try:
        return [plain(tuple(row)) for row in frame.collect()]
    except Exception as error:
        return _first_line(error)


def plain(value: Any) -> str:
    """A value's text: numbers to nine digits, a map's keys in order."""
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(sorted(f"{key}: {plain(one)}" for key, one in value.items())) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "(" + ", ".join(plain(one) for one in value) + ")"
    return repr(value)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    # What py4j wraps says in its second line what it is.
    told = " ".join(lines[:2]) if type(error).__name__ == "Py4JJavaError" else lines[0]
    return f"{type(error).__name__}: {told}"[:300]


def views(session: Any, schema: Mapping[str, Mapping[str, str]], rows: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Tables as frames and views whose rows no planner sees into: equal plans are equal for any rows."""
    made = {}
    for name, columns in schema.items():
        text = ", ".join(f"`{one}` {kind}" for one, kind in columns.items())
        frame = session.createDataFrame(list(rows[name]), text).coalesce(1).localCheckpoint()
        frame.createOrReplaceTempView(name)
        made[name] = frame
    return made
