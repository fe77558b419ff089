"""Functions over windows, with every kind of frame."""

from __future__ import annotations

from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.scope import SIMPLE, Relation
from tests.bridge.grammar.values import Place

_BEFORE = ("UNBOUNDED PRECEDING", "2 PRECEDING", "1 PRECEDING", "CURRENT ROW")
_AFTER = ("CURRENT ROW", "1 FOLLOWING", "2 FOLLOWING", "UNBOUNDED FOLLOWING")


def over(draw: Draw, here: Relation) -> tuple[str, str]:
    """A function over a window, and its kind."""
    place = Place(draw, here, 1)
    total = here.total
    choices = ["aggregate"] if not total else ["rank", "number", "shift", "frame", "frame", "aggregate", "ranged"]
    return {
        "rank": _rank, "number": _number, "shift": _shift, "frame": _frame, "aggregate": _aggregate, "ranged": _ranged
    }[draw.one(choices)](place, total)  # fmt: skip


def _partition(place: Place) -> str:
    columns = place.here.of(*SIMPLE)
    if not columns or place.draw.chance(0.35):
        return ""
    return "PARTITION BY " + ", ".join(one.ref for one in place.draw.some(columns, 1, 2))


def _order(draw: Draw, refs: tuple[str, ...]) -> str:
    ways = ("", " DESC", " ASC", " NULLS LAST", " DESC NULLS FIRST")
    return "ORDER BY " + ", ".join(one + draw.one(ways) for one in refs)


def specification(place: Place, total: tuple[str, ...]) -> str:
    """What stands in OVER (...) with an order in which only rows alike tie."""
    return f"{_partition(place)} {_order(place.draw, total)}".strip()


def _rank(place: Place, total: tuple[str, ...]) -> tuple[str, str]:
    """Ranks: rows that tie get the same one, so any order will do."""
    columns = [one.ref for one in place.here.of(*SIMPLE)]
    order = _order(place.draw, tuple(place.draw.some(columns, 1, 2))) if columns else _order(place.draw, total)
    name = place.draw.one(["rank()", "dense_rank()", "percent_rank()", "cume_dist()"])
    place.draw.note("ranks over a window")
    return (
        f"{name} OVER ({_partition(place)} {order})",
        "int" if "_rank" not in name and "cume" not in name else "double",
    )


def _number(place: Place, total: tuple[str, ...]) -> tuple[str, str]:
    name = place.draw.one(["row_number()", "ntile(3)"])
    place.draw.note("ranks over a window")
    return f"{name} OVER ({specification(place, total)})", "int"


def _shift(place: Place, total: tuple[str, ...]) -> tuple[str, str]:
    draw, kind = place.draw, place.draw.one(("int", "decimal", "string", "date"))
    one = place.column(kind)
    name = draw.one(["lag", "lead"])
    construct, text = draw.one([
        ("LAG and LEAD", f"{name}({one})"), ("LAG and LEAD", f"{name}({one}, 2)"),
        ("LAG and LEAD", f"{name}({one}, 1, {place.value(kind) if kind != 'decimal' else one})"),
        ("IGNORE NULLS", f"{name}({one}) IGNORE NULLS"),
    ])  # fmt: skip
    draw.note(construct)
    return f"{text} OVER ({specification(place, total)})", kind


def _bounds(draw: Draw) -> str:
    start, end = draw.one(_BEFORE), draw.one(_AFTER)
    if draw.chance(0.15):
        start, end = draw.one([("1 FOLLOWING", "2 FOLLOWING"), ("3 PRECEDING", "1 PRECEDING"),
                               ("UNBOUNDED PRECEDING", "1 PRECEDING"), ("1 FOLLOWING",
                               "UNBOUNDED FOLLOWING")])  # fmt: skip
    return f"BETWEEN {start} AND {end}" if draw.chance(0.85) or "FOLLOWING" in start else start


def _frame(place: Place, total: tuple[str, ...]) -> tuple[str, str]:
    """A frame of rows."""
    draw = place.draw
    text, kind = _summed(place, ordered=True)
    draw.note("frame of rows")
    return f"{text} OVER ({specification(place, total)} ROWS {_bounds(draw)})", kind


def _summed(place: Place, ordered: bool = False) -> tuple[str, str]:
    draw = place.draw
    kind = draw.one(("int", "decimal", "string", "date"))
    one, number = place.column(kind), place.column("int", "decimal")
    choices = [(f"sum({number})", "decimal"), (f"avg({number})", "double"), (f"min({one})", kind), ("count(*)",
    "int"),
               (f"max({one})", kind), (f"count({one})", "int"), (f"count_if({place.condition()})", "int"),
               (f"count({one}) FILTER (WHERE {place.condition()})", "int")]  # fmt: skip
    if ordered:
        choices += [(f"first_value({one})", kind), (f"last_value({one})", kind), (f"nth_value({one}, 2)", kind),
                    (f"last_value({one}) IGNORE NULLS", kind), (f"first_value({one}, true)", kind),
                    (f"collect_list({one})", "")]  # fmt: skip
    return draw.one(choices)


def _aggregate(place: Place, total: tuple[str, ...]) -> tuple[str, str]:
    """A whole partition, or so far by a column whose rows that tie count together."""
    draw = place.draw
    text, kind = _summed(place)
    columns = [one.ref for one in place.here.of(*SIMPLE)]
    order = _order(draw, tuple(draw.some(columns, 1, 1))) if columns and draw.chance(0.5) else ""
    frame = draw.one(["", "", "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "RANGE BETWEEN CURRENT ROW AND "
                      "UNBOUNDED FOLLOWING", "RANGE UNBOUNDED PRECEDING",
                      "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"]) if order else ""  # fmt: skip
    draw.note("frame of peers" if frame else "running total" if order else "whole partition")
    return f"{text} OVER ({_partition(place)} {order} {frame})", kind


def _ranged(place: Place, total: tuple[str, ...]) -> tuple[str, str]:
    """A frame of a range: of numbers, of days, of intervals."""
    draw = place.draw
    text, kind = _summed(place)
    options = [(one.ref, one.kind) for one in place.here.of("int", "decimal", "double", "date", "timestamp")]
    if not options:
        return _aggregate(place, total)
    ref, of = draw.one(options)
    size = draw.number(1, 40)
    before = {"date": draw.one([f"INTERVAL '{size}' DAY", str(size), f"INTERVAL {size} DAYS"]),
              "timestamp": f"INTERVAL '{size}' {draw.one(['HOUR', 'DAY', 'MINUTE'])}"}.get(of, str(size))  # fmt: skip
    after = before if draw.chance(0.4) else ""
    end = f"{after} FOLLOWING" if after else draw.one(["CURRENT ROW", "UNBOUNDED FOLLOWING"])
    draw.note("range of an interval" if "INTERVAL" in before else "range of a number")
    way = draw.one(["", " DESC"])
    return f"{text} OVER ({_partition(place)} ORDER BY {ref}{way} RANGE BETWEEN {before} PRECEDING AND {end})", kind
