"""Oracle's SQL in Spark's words."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces, shared
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse

ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({exp.AddMonths, exp.MonthsBetween, exp.DecodeCase, exp.Nvl2,
    exp.Greatest, exp.Least, exp.GroupConcat,
    exp.LastDay, exp.TimeToStr, exp.ToChar, exp.StrToTime, exp.StrToDate, exp.Trunc, exp.DateTrunc,
    exp.TimestampTrunc, exp.PercentileCont,
    exp.Mod, exp.Median, exp.ToNumber})  # fmt: skip

NOTES = (
    "Oracle takes an empty text for NULL, Spark does not: texts in tables should hold NULL where Oracle has none.",
)


def empty(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """'' is NULL."""
    if node.is_string and node.this == "":
        reading.note("The constant '' became NULL, which it is in Oracle.")
        return exp.Null()
    return None


def joined(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """|| and CONCAT take NULL for an empty text, and an empty result for NULL."""
    parts: list[exp.Expr] = list(node.expressions)
    if isinstance(node, exp.DPipe):
        if isinstance(node.parent, exp.DPipe):
            return None
        here: exp.Expr = node
        while isinstance(here, exp.DPipe):
            parts.insert(0, here.expression)
            here = here.this
        parts.insert(0, here)
    texts = [one.copy() for one in parts if not isinstance(one, exp.Null)]
    return exp.Nullif(this=call("concat_ws", "", *texts), expression=exp.Literal.string(""))


def minus(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Dates: the difference is a number of days, with a fraction; numbers added are days."""
    left, right = reading.kind(node.this), reading.kind(node.expression)
    moments = {"date", "timestamp"}
    if isinstance(node, exp.Sub) and left in moments and right in moments:
        if left == right == "date":
            return call("datediff", node.this.copy(), node.expression.copy())
        micros = [
            call("unix_micros", exp.Cast(this=one.copy(), to=exp.DataType.build("timestamp", dialect="spark")))
            for one in (node.this, node.expression)
        ]
        return exp.Paren(
            this=exp.Div(
                this=exp.Paren(this=exp.Sub(this=micros[0], expression=micros[1])),
                expression=exp.Literal.number(86400000000),
            )
        )
    if left in moments or right in moments:
        if "" in (left, right) and not isinstance(node.expression, exp.Interval):
            raise refuse(
                node, f"{node.sql('oracle')[:40]}", "a type is not known, and dates count in days", "give the schema"
            )
        if left == "timestamp" and right in ("int", "bigint", "decimal", "double"):
            raise refuse(node, f"{node.sql('oracle')[:40]}", "days added to a time", "add an INTERVAL")
        if left == "date" and right in ("decimal", "double"):
            raise refuse(
                node, f"{node.sql('oracle')[:40]}", "parts of days added to a date", "add an INTERVAL to a timestamp"
            )
    return None


def extreme(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GREATEST and LEAST are NULL if any argument is."""
    from helpers.bridge.foreign.mysql import extreme as tested

    return tested(reading, node)


def months(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ADD_MONTHS goes from a month's last day to a month's last day."""
    day, count = node.this, node.expression
    _whole_day(reading, node)
    reading.note("ADD_MONTHS keeps to the last day of the month in Oracle; Spark's keeps the number of the day.")
    if isinstance(count, exp.Literal):
        count = exp.Literal.number(count.this)
    plain = call("add_months", day.copy(), count.copy())
    last = exp.EQ(this=day.copy(), expression=call("last_day", day.copy()))
    return exp.Case(ifs=[exp.If(this=last, true=call("last_day", plain.copy()))], default=plain)


def _whole_day(reading: Reader, node: exp.Expr) -> None:
    if reading.kind(node.this) == "timestamp":
        raise refuse(
            node, f"{node.sql('oracle')[:40]}", "it keeps the time of day in Oracle, and Spark's gives a date",
            "take TRUNC() of it first, if the day is meant",
        )  # fmt: skip


def last_day(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LAST_DAY keeps the time of day."""
    _whole_day(reading, node)
    return None


def spread(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """STDDEV of one row is 0, and so is VARIANCE, which the parser does not tell from VAR_SAMP."""
    if isinstance(node, exp.Variance):
        raise refuse(node, "VARIANCE or VAR_SAMP", "of one row the first is 0 in Oracle, the second NULL as in Spark",
                     "use VAR_POP, or the square of STDDEV_SAMP")  # fmt: skip
    if isinstance(node.parent, exp.Window):
        raise refuse(node, f"{node.sql('oracle')[:40]} OVER", "of one row it is 0 in Oracle, and NULL in Spark",
                     "use the function of that name with _SAMP")  # fmt: skip
    one = exp.EQ(this=exp.Count(this=node.this.copy()), expression=exp.Literal.number(1))
    return exp.Case(ifs=[exp.If(this=one, true=exp.Literal.number(0))], default=node.copy())


def constants(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Two constants are compared as if padded with blanks."""
    if node.this.is_string and node.expression.is_string and not node.find(exp.Cast):
        raise refuse(node, "A comparison of two constants", "Oracle pads them with blanks first", "write its outcome")
    return shared.in_array(reading, node)


def decode(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DECODE finds NULL equal to NULL, and stops at the first that fits."""
    parts = list(node.expressions)
    value, rest = parts[0], parts[1:]
    ifs = [
        exp.If(this=exp.NullSafeEQ(this=value.copy(), expression=one.copy()), true=result.copy())
        for one, result in zip(rest[::2], rest[1::2], strict=False)
    ]
    return exp.Case(ifs=ifs, default=rest[-1].copy() if len(rest) % 2 else None)


def select(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ROWNUM, (+), CONNECT BY, DUAL."""
    pieces.limited(reading, node)
    if node.args.get("connect"):
        raise refuse(node, "CONNECT BY", "Spark has no hierarchies", "write a loop that joins level by level")
    origin = node.args.get("from_")
    if (
        origin is not None
        and isinstance(origin.this, exp.Table)
        and origin.this.name.lower() == "dual"
        and not node.args.get("joins")
    ):
        node.set("from_", None)
    _old_joins(reading, node)
    _rownum(reading, node)
    return None


def _rownum(reading: Reader, node: exp.Expr) -> None:
    where = node.args.get("where")
    parts = (
        list(where.this.flatten())
        if where is not None and isinstance(where.this, exp.And)
        else ([where.this] if where is not None else [])
    )
    rest = []
    for one in parts:
        if isinstance(one, exp.LT | exp.LTE) and _is_rownum(one.this) and isinstance(one.expression, exp.Literal):
            if any(node.args.get(key) for key in ("order", "group", "distinct")):
                raise refuse(
                    one,
                    "ROWNUM beside ORDER BY, GROUP BY or DISTINCT",
                    "Oracle numbers the rows before those",
                    "use FETCH FIRST n ROWS ONLY",
                )
            count = int(one.expression.this) - isinstance(one, exp.LT)
            node.set("limit", exp.Limit(expression=exp.Literal.number(count)))
            reading.note("ROWNUM became LIMIT.")
        else:
            rest.append(one)
    if where is not None and len(rest) < len(parts):
        node.set("where", exp.Where(this=exp.and_(*rest, copy=False)) if rest else None)
    for column in node.find_all(exp.Column, exp.Pseudocolumn):
        if _is_rownum(column):
            raise refuse(
                column, "ROWNUM", "rows of a DataFrame have no number", "use row_number() OVER (ORDER BY ...)"
            )


def _is_rownum(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column | exp.Pseudocolumn) and node.name.lower() == "rownum"


def _old_joins(reading: Reader, node: exp.Expr) -> None:
    where = node.args.get("where")
    if where is None or not any(column.args.get("join_mark") for column in where.find_all(exp.Column)):
        return
    parts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    marked: dict[str, list[exp.Expr]] = {}
    rest = []
    for one in parts:
        tables = {column.table.lower() for column in one.find_all(exp.Column) if column.args.get("join_mark")}
        if len(tables) > 1 or (tables and "" in tables) or (tables and isinstance(one, exp.Or)):
            raise refuse(
                one, "(+)", "it must mark columns of one table, told by name, not under OR", "write LEFT JOIN"
            )
        if tables:
            marked.setdefault(tables.pop(), []).append(one)
        else:
            rest.append(one)
    joins = node.args.get("joins") or []
    for name, conditions in marked.items():
        join = next((one for one in joins if one.this.alias_or_name.lower() == name), None)
        if join is None:
            # The marked table stands first in FROM: it changes places with the one it is joined to.
            first = node.args["from_"].this
            if first.alias_or_name.lower() != name or len(joins) != 1:
                raise refuse(
                    conditions[0],
                    "(+)",
                    "its table cannot be moved behind the one it is joined to",
                    "write LEFT JOIN",
                )
            join = joins[0]
            other = join.this
            node.args["from_"].set("this", other.copy())
            join.set("this", first.copy())
        for condition in conditions:
            for column in condition.find_all(exp.Column):
                column.set("join_mark", None)
        join.set("side", "LEFT")
        join.set("kind", None)
        join.set("on", exp.and_(*conditions, copy=False))
        reading.note(f"The (+) on {name} became a left join.")
    # A left join must come after the tables that its condition names.
    node.set("joins", [*(one for one in joins if one.side != "LEFT"), *(one for one in joins if one.side == "LEFT")])
    node.set("where", exp.Where(this=exp.and_(*rest, copy=False)) if rest else None)


def trunc(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TRUNC(date), TRUNC(date, 'MM')."""
    kind = reading.kind(node.this)
    unit = node.args.get("unit") or node.args.get("decimals") or node.args.get("expression")
    name = unit.name.upper() if unit is not None else "DD"
    names = {
        "DD": "DAY",
        "DAY": "DAY",
        "MM": "MONTH",
        "MONTH": "MONTH",
        "MON": "MONTH",
        "YYYY": "YEAR",
        "YEAR": "YEAR",
        "YY": "YEAR",
        "Q": "QUARTER",
    }
    if (
        kind not in ("date", "timestamp")
        or name not in names
        or (name == "DAY" and unit is not None and isinstance(node, exp.Trunc))
    ):
        raise refuse(
            node,
            node.sql("oracle")[:40],
            "TRUNC is known of dates by day, month, quarter and year",
            "give the schema, or use floor()",
        )
    return call("date_trunc", names[name], node.this.copy())


def aggregated_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LISTAGG(x, separator) WITHIN GROUP (ORDER BY y)."""
    if not isinstance(node.this, exp.Order):
        raise refuse(node, "LISTAGG without WITHIN GROUP", "its order is not known")
    if isinstance(node.this.this, exp.Distinct):
        raise refuse(node, "LISTAGG(DISTINCT ...)", "the DataFrame API has no order inside an aggregate")
    separator = node.args.get("separator") or exp.Literal.string("")
    return shared.joined_texts(node, node.this.this, separator, node.this.expressions)


def called(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TRUNC where sqlglot does not know whether of a date or a number."""
    if str(node.this).lower() != "trunc":
        return None
    unit = node.expressions[1].copy() if len(node.expressions) > 1 else None
    return trunc(
        reading, exp.DateTrunc(this=node.expressions[0].copy(), unit=unit) if unit is not None else _day(node)
    )


def _day(node: exp.Expr) -> exp.Expr:
    return exp.Trunc(this=node.expressions[0].copy())


def formatted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TO_CHAR, TO_DATE with a plain format."""
    from helpers.bridge.foreign.postgres import formatted as plain

    if isinstance(node, exp.ToChar):
        pattern = node.args.get("format")
        text = _pattern(pattern.this) if isinstance(pattern, exp.Literal) else None
        if text is None or reading.kind(node.this) not in ("date", "timestamp"):
            raise refuse(
                node,
                "TO_CHAR",
                "its format, or the type, is not known to mean the same",
                "give the schema and a plain format",
            )
        return call("date_format", node.this.copy(), text)
    return plain(reading, node)


def _pattern(text: str) -> str | None:
    names = {"YYYY": "yyyy", "MM": "MM", "DD": "dd", "HH24": "HH", "MI": "mm", "SS": "ss"}
    parts = re.findall(r"YYYY|MM|DD|HH24|MI|SS|[-/ :.]|.", text.upper())
    if any(len(one) == 1 and one.isalnum() for one in parts):
        return None
    return "".join(names.get(one, one) for one in parts)


def shortened(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """SUBSTR, TRIM and REPLACE give NULL where nothing is left; what is replaced by NULL is left out."""
    if isinstance(node, exp.Replace) and isinstance(node.args.get("replacement"), exp.Null):
        node.set("replacement", exp.Literal.string(""))
    return exp.Nullif(this=node.copy(), expression=exp.Literal.string(""))


RULES: dict[type[exp.Expr], Rule] = {
    exp.Literal: empty, exp.DPipe: joined, exp.Sub: minus, exp.Add: minus, exp.Greatest: extreme, exp.Least: extreme,
    exp.AddMonths: months, exp.DecodeCase: decode, exp.Select: select, exp.Trunc: trunc, exp.DateTrunc: trunc,
    exp.TimestampTrunc: trunc, exp.GroupConcat: aggregated_text, exp.Anonymous: called,
    exp.TimeToStr: formatted, exp.ToChar: formatted,
    exp.StrToDate: formatted, exp.StrToTime: formatted, exp.Substring: shortened,
    exp.Trim: shortened, exp.Replace: shortened, exp.Concat: joined, exp.Cast: shared.rounding_cast,
    exp.LastDay: last_day, exp.Stddev: spread, exp.Variance: spread, exp.EQ: constants, exp.Pivot: pieces.pivoted,
    exp.Div: shared.safe_division,
}  # fmt: skip
