"""PostgreSQL's SQL in Spark's words."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces, shared
from helpers.bridge.foreign.reader import WHOLE, Reader, Rule, call
from helpers.bridge.refusal import refuse

ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({
    exp.TimestampTrunc, exp.DateTrunc, exp.GroupConcat, exp.LogicalAnd, exp.LogicalOr, exp.RegexpILike,
    exp.RegexpLike, exp.TimeToStr,
    exp.StrToDate, exp.StrToTime, exp.Greatest, exp.Least, exp.SplitPart, exp.PercentileCont, exp.Any, exp.Log,
    exp.RegexpReplace, exp.ExplodingGenerateSeries, exp.GenerateSeries, exp.Trunc, exp.Chr, exp.StartsWith, exp.Mod,
    exp.IntDiv, exp.Cbrt, exp.Pi, exp.Rand,
})  # fmt: skip

_FORMAT = re.compile(r"(%Y|%m|%d|%H|%M|%S|[-/ :.T])*")
_PART = re.compile(r"\s*([+-]?\d+)\s*([a-z]+)", re.IGNORECASE)


def minus(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Date minus date is a number of days; date plus or minus an interval is a timestamp."""
    left, right = reading.kind(node.this), reading.kind(node.expression)
    if isinstance(node, exp.Sub) and left == right == "date":
        return call("datediff", node.this.copy(), node.expression.copy())
    if (
        isinstance(node, exp.Sub)
        and "date" in (left, right)
        and "" in (left, right)
        and not isinstance(node.expression, exp.Interval)
    ):
        raise refuse(
            node,
            f"The difference {node.sql()[:40]}",
            "of two dates it is a number, and a type is not known",
            "give the schema",
        )
    interval = node.expression
    if not isinstance(interval, exp.Interval):
        return None
    base = node.this.copy()
    if left == "date":
        base = exp.Cast(this=base, to=exp.DataType.build("timestamp", dialect="spark"))
    made: exp.Expr = base
    for count, unit in _parts(interval):
        step = exp.Interval(this=exp.Literal.string(count), unit=exp.var(unit.upper()))
        made = type(node)(this=made, expression=step)
    return made


def _parts(node: exp.Interval) -> list[tuple[str, str]]:
    unit = node.text("unit")
    if unit:
        return [(node.this.this, unit)] if isinstance(node.this, exp.Literal) else _no(node)
    text = node.this.this if isinstance(node.this, exp.Literal) else ""
    found = _PART.findall(text)
    if not found or _PART.sub("", text).strip():
        _no(node)
    names = {
        "mon": "month",
        "mons": "month",
        "hr": "hour",
        "hrs": "hour",
        "min": "minute",
        "mins": "minute",
        "sec": "second",
        "secs": "second",
    }
    return [(count, names.get(name.lower(), name.lower())) for count, name in found]


def _no(node: exp.Interval) -> list[tuple[str, str]]:
    raise refuse(node, node.sql("postgres"), "only whole numbers of units are known in an interval")


def extract(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """EXTRACT: PostgreSQL's week begins with Sunday = 0, and EPOCH is seconds with a fraction."""
    field, source = node.this.name.upper(), node.expression
    if field == "DOW":
        return exp.Paren(this=exp.Sub(this=call("dayofweek", source.copy()), expression=exp.Literal.number(1)))
    if field == "ISODOW":
        return exp.Paren(this=exp.Add(this=call("weekday", source.copy()), expression=exp.Literal.number(1)))
    if field == "EPOCH" and reading.kind(source) in ("timestamp", "date"):
        inner = exp.Cast(this=source.copy(), to=exp.DataType.build("timestamp", dialect="spark"))
        return exp.Paren(this=exp.Div(this=call("unix_micros", inner), expression=exp.Literal.number(1000000)))
    if field in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "QUARTER", "WEEK", "DOY"):
        return None
    raise refuse(node, f"EXTRACT({field})", "Spark has no such field, or another one of that name")


def cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Casts: integers are rounded, varchar(n) is cut, numeric without digits keeps its fraction."""
    to = node.args["to"]
    if to.is_type("varchar", "char", "bpchar") and to.expressions:
        if to.is_type("char", "bpchar"):
            raise refuse(
                node, "A cast to char(n)", "it pads with blanks; Spark's does not", "use varchar(n) or rpad()"
            )
        text = exp.Cast(this=node.this.copy(), to=exp.DataType.build("string", dialect="spark"))
        return exp.Substring(this=text, start=exp.Literal.number(1), length=to.expressions[0].this.copy())
    if to.is_type("decimal") and not to.expressions:
        reading.note("numeric without digits became DECIMAL(38,10).")
        node.set("to", exp.DataType.build("decimal(38,10)", dialect="spark"))
        return None
    if to.is_type("text", "varchar") and reading.kind(node.this) in ("double", "float"):
        raise refuse(node, "A double as text", "PostgreSQL writes 1, Spark 1.0", "cast to numeric(p,s) first")
    return shared.rounding_cast(reading, node)


def concat(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """concat() skips NULL in PostgreSQL."""
    return call("concat_ws", "", *(one.copy() for one in node.expressions))


def aggregated_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """string_agg(x, separator ORDER BY y)."""
    inner, order = (node.this.this, node.this.expressions) if isinstance(node.this, exp.Order) else (node.this, [])
    if isinstance(inner, exp.Distinct):
        raise refuse(node, "string_agg(DISTINCT ...)", "its order is not known")
    return shared.joined_texts(node, inner, node.args["separator"], order)


def formatted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """to_char, to_date, to_timestamp with a plain format."""
    pattern = node.args.get("format")
    text = pattern.this if isinstance(pattern, exp.Literal) else ""
    if not text or not _FORMAT.fullmatch(text):
        raise refuse(
            node, "A date's format", "only YYYY, MM, DD, HH24, MI, SS and separators are known to mean the same"
        )
    if isinstance(node, exp.TimeToStr) and reading.kind(node.this) not in ("date", "timestamp"):
        raise refuse(
            node, "to_char", "it is known of dates and times, and the type is not known to be one", "give the schema"
        )
    return None


def ilike(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """~*, which ignores case."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal):
        raise refuse(node, "~* with a computed pattern", "only constants are known")
    return exp.RegexpLike(this=node.this.copy(), expression=exp.Literal.string("(?i)" + pattern.this))


def log(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """log(x) is to the base 10."""
    return call("log10", node.this.copy()) if node.args.get("expression") is None else None


def replaced(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """regexp_replace replaces the first match only, unless told 'g'."""
    flags = node.args.get("modifiers")
    replacement = node.args.get("replacement")
    if (
        flags is None
        or flags.this != "g"
        or not isinstance(replacement, exp.Literal)
        or "\\" in replacement.this
        or "$" in replacement.this
    ):
        raise refuse(
            node, "regexp_replace without 'g', or with references", "Spark replaces all matches", "use the flag 'g'"
        )
    return call("regexp_replace", node.this.copy(), node.expression.copy(), replacement.copy())


def rounded(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """round(double) rounds halves to even."""
    kind = reading.kind(node.this)
    if node.args.get("decimals") is None and kind in ("double", "float"):
        return call("rint", node.this.copy())
    if kind == "":
        reading.note("round() of a double rounds halves to even in PostgreSQL; Spark's rounds them away from zero.")
    return None


def first_of_each(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DISTINCT ON (k) ... ORDER BY k, o: the first row of each k; and unquoted names are lower case."""
    pieces.limited(reading, node)
    distinct = node.args.get("distinct")
    if distinct is None or not distinct.args.get("on"):
        return None
    on = distinct.args["on"]
    keys = on.expressions if isinstance(on, exp.Tuple) else [on.this if isinstance(on, exp.Paren) else on]
    order = node.args.get("order")
    texts = {one.sql() for one in keys}
    rest = [one for one in (order.expressions if order is not None else []) if one.this.sql() not in texts]
    if not rest:
        raise refuse(
            node,
            "DISTINCT ON without a further ORDER BY",
            "any row of a group could be the first",
            "order by more than the keys",
        )
    window = exp.Window(
        this=exp.RowNumber(),
        partition_by=[one.copy() for one in keys],
        order=exp.Order(expressions=[one.copy() for one in rest]),
    )
    node.set("distinct", None)
    node.set("qualify", exp.Qualify(this=exp.EQ(this=window, expression=exp.Literal.number(1))))
    return None


def series(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """generate_series in FROM."""
    inner = node.this
    if not isinstance(inner, exp.ExplodingGenerateSeries | exp.GenerateSeries):
        return None
    alias = node.args.get("alias")
    columns = alias.args.get("columns") or [] if alias is not None else []
    name = columns[0].name if columns else (node.alias or "generate_series")
    parts = [inner.args["start"].copy(), inner.args["end"].copy()]
    step = inner.args.get("step")
    if step is not None and isinstance(step, exp.Interval):
        _whole_days(inner, step)
        parts = [exp.Cast(this=one, to=exp.DataType.build("timestamp", dialect="spark")) for one in parts]
    sequence = call("sequence", *parts, *([step.copy()] if step is not None else []))
    if step is None and not all(isinstance(one, exp.Literal) for one in parts):
        raise refuse(
            node,
            "generate_series of computed bounds",
            "Spark's sequence counts down where the end is below the start",
        )
    query = exp.select(exp.alias_(call("explode", sequence), name))
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(node.alias or name)))


def _whole_days(node: exp.Expr, step: exp.Interval) -> None:
    """Raises Refusal for steps of months from a day that not every month has: each is counted from the one before."""
    found = re.search(r"\d{4}-\d\d-(\d\d)", node.args["start"].sql())
    months = any(unit.lower().startswith(("month", "year", "quarter")) for _, unit in _parts(step))
    if months and (found is None or int(found[1]) > 28):
        raise refuse(
            node,
            "generate_series by months from a month's end",
            "each step starts from the one before there, from the start in Spark",
            "start at a month's first day",
        )


def lower(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Unquoted names are lower case."""
    if not node.args.get("quoted") and isinstance(node.this, str):
        node.set("this", node.this.lower())
    return None


def join(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """JOIN binds before a comma there; in Spark both go from left to right."""
    select = node.parent
    joins = select.args.get("joins") or [] if select is not None else []
    comma = [
        index
        for index, one in enumerate(joins)
        if not any(one.args.get(key) for key in ("on", "using", "method", "side", "kind"))
    ]
    if node.text("side").upper() in ("RIGHT", "FULL") and any(
        one is node and comma and comma[0] < index for index, one in enumerate(joins)
    ):
        raise refuse(node, f"A {node.text('side')} JOIN after a comma in FROM",
            "the join comes before the comma there, and after it in Spark",
                     "write the comma as CROSS JOIN in parentheses")  # fmt: skip
    return None


def trunc(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """trunc(x) drops the fraction."""
    if node.args.get("decimals") is not None or reading.kind(node.this) not in {*WHOLE, "decimal", "double", "float"}:
        raise refuse(
            node, "trunc with digits, or of an unknown type", "Spark's trunc is for dates", "use floor, ceil or round"
        )
    return exp.Cast(this=node.this.copy(), to=exp.DataType.build("bigint", dialect="spark"))


RULES: dict[type[exp.Expr], Rule] = {
    exp.Div: shared.integer_division, exp.Sub: minus, exp.Add: minus, exp.Extract: extract, exp.Cast: cast,
    exp.Concat: concat, exp.GroupConcat: aggregated_text, exp.TimeToStr: formatted, exp.StrToDate: formatted,
    exp.StrToTime: formatted, exp.RegexpILike: ilike, exp.Log: log, exp.RegexpReplace: replaced, exp.Round: rounded,
    exp.Substring: pieces.substring, exp.Left: pieces.end_of_text, exp.Right: pieces.end_of_text,
    exp.Select: first_of_each, exp.Table: series, exp.Identifier: lower, exp.Join: join, exp.Trunc: trunc,
}  # fmt: skip
