"""MySQL's SQL in Spark's words."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import shared
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse

ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({exp.DateDiff, exp.DateAdd, exp.DateSub, exp.TsOrDsAdd,
    exp.GroupConcat, exp.Any,
    exp.TimeToStr, exp.TsOrDsToDate, exp.Year, exp.Month, exp.Day, exp.DayOfMonth, exp.Quarter, exp.LastDay,
    exp.Greatest,
    exp.Least, exp.SubstringIndex, exp.IntDiv, exp.Mod, exp.ConcatWs, exp.DayOfWeek, exp.Date, exp.Hour,
    exp.Minute, exp.Second,
    exp.DayOfYear, exp.CurrentTime, exp.TsOrDsToTimestamp, exp.StrToDate})  # fmt: skip


def division(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A division by zero is NULL in MySQL."""
    node.set("typed", False)
    node.set("safe", False)
    return _zero(reading, node, "a division")


def _zero(reading: Reader, node: exp.Expr, words: str) -> exp.Expr | None:
    right = node.expression
    if isinstance(right, exp.Literal) and float(right.this or 0) != 0:
        return None
    reading.note(f"By zero, {words} is NULL in MySQL and an error in Spark: the divisor became NULLIF(..., 0).")
    node.set("expression", exp.Nullif(this=right.copy(), expression=exp.Literal.number(0)))
    return None


def remainder(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """%, MOD and DIV by zero are NULL."""
    return _zero(reading, node, "a remainder")


def extreme(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GREATEST and LEAST are NULL if any argument is."""
    parts = [node.this, *node.expressions] if node.this is not None else list(node.expressions)
    reading.note("GREATEST and LEAST give NULL if any argument is NULL; Spark's skip it, so that is tested first.")
    given = exp.and_(*(exp.Not(this=exp.Is(this=one.copy(), expression=exp.Null())) for one in parts))
    name = "greatest" if isinstance(node, exp.Greatest) else "least"
    return exp.Case(ifs=[exp.If(this=given, true=call(name, *(one.copy() for one in parts)))])


def either(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """XOR of two conditions."""
    return exp.Paren(
        this=exp.NEQ(this=exp.Paren(this=node.this.copy()), expression=exp.Paren(this=node.expression.copy()))
    )


def aggregated_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GROUP_CONCAT(x ORDER BY y SEPARATOR s)."""
    inner, order = (node.this.this, node.this.expressions) if isinstance(node.this, exp.Order) else (node.this, [])
    if isinstance(inner, exp.Distinct | exp.Concat):
        raise refuse(node, "GROUP_CONCAT of DISTINCT or of several texts", "the bridge has no code for it")
    reading.note(
        "GROUP_CONCAT cuts its result at group_concat_max_len (1,024 characters unless set); Spark does not."
    )
    separator = node.args.get("separator") or exp.Literal.string(",")
    # MySQL puts NULL first, which for a descending order of a reversed array is right as well.
    return shared.joined_texts(node, inner, separator, order)


def difference(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATEDIFF counts days."""
    if node.text("unit").upper() not in ("", "DAY"):
        raise refuse(node, "TIMESTAMPDIFF", "the bridge has no code for it yet")
    days = [
        exp.Cast(this=_plain(one).copy(), to=exp.DataType.build("date", dialect="spark"))
        for one in (node.this, node.expression)
    ]
    return call("datediff", *days)


def _plain(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.TsOrDsToDate | exp.Date) and isinstance(node.this, exp.Expr) else node


def added(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATE_ADD, DATE_SUB with an INTERVAL."""
    unit, amount = node.text("unit").upper() or "DAY", node.expression
    if isinstance(amount, exp.Interval):
        unit, amount = amount.text("unit").upper() or unit, amount.this
    if unit not in {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"}:
        raise refuse(node, f"An interval of {unit}", "the unit is not known")
    if isinstance(amount, exp.Literal):
        amount = exp.Literal.number(amount.this)
    if isinstance(node, exp.DateSub):
        amount = exp.Neg(this=amount.copy())
    moment = _plain(node.this)
    made = call("timestampadd", exp.var(unit), amount.copy(), moment.copy())
    if reading.kind(moment) == "date" and unit in {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY"}:
        return exp.Cast(this=made, to=exp.DataType.build("date", dialect="spark"))
    return made


def moment(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """An argument that MySQL takes for a date or a time."""
    name = "date" if isinstance(node, exp.TsOrDsToDate | exp.Date) else "timestamp"
    if reading.kind(node.this) == name:
        return node.this.copy()
    if name == "timestamp" and reading.kind(node.this) == "date":
        return node.this.copy()
    return exp.Cast(this=node.this.copy(), to=exp.DataType.build(name, dialect="spark"))


def length(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LENGTH counts bytes, CHAR_LENGTH characters."""
    return call("octet_length", node.this.copy()) if node.args.get("binary") else None


def formatted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATE_FORMAT with a plain format."""
    from helpers.bridge.foreign.postgres import formatted as plain

    return plain(reading, node)


def cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A cast to an integer rounds."""
    to = node.args["to"]
    if to.is_type("ubigint", "uint"):
        raise refuse(node, "A cast to UNSIGNED", "Spark has no unsigned numbers", "use SIGNED")
    if to.is_type("char", "varchar") and to.expressions:
        text = exp.Cast(this=node.this.copy(), to=exp.DataType.build("string", dialect="spark"))
        return exp.Substring(this=text, start=exp.Literal.number(1), length=to.expressions[0].this.copy())
    if reading.kind(node.this) == "string" and not to.is_type("text", "char", "varchar"):
        reading.note(
            "MySQL takes what it can of a text as a number, and NULL for no date; Spark stops with an error."
        )
    return shared.rounding_cast(reading, node)


def alike(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A number against a text is a comparison of doubles in MySQL."""
    kinds = {reading.kind(node.this), reading.kind(node.expression)}
    if "string" in kinds and kinds & {"int", "bigint", "decimal", "double", "smallint"}:
        raise refuse(
            node,
            f"The comparison {node.sql('mysql')[:40]}",
            "of a text with a number MySQL guesses; Spark stops with an error",
            "cast one side",
        )
    return shared.in_array(reading, node) if isinstance(node, exp.EQ) else None


def select(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A condition that is selected is a number; DISTINCT may be ordered by what is selected only."""
    for one in node.expressions:
        inner = one.this if isinstance(one, exp.Alias) else one
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.Predicate | exp.Connector | exp.Not | exp.Escape):
            reading.note("A condition is 1, 0 or NULL in MySQL: it became a number.")
            made = exp.Cast(this=inner.copy(), to=exp.DataType.build("int", dialect="spark"))
            one.set("this", made) if isinstance(one, exp.Alias) else one.replace(made)
    order = node.args.get("order")
    if node.args.get("distinct") is not None and order is not None:
        shown = {
            name for one in node.expressions for name in (one.alias_or_name.lower(), one.unalias().sql().lower())
        }
        for item in order.expressions:
            if item.this.sql().lower() not in shown and not isinstance(item.this, exp.Literal):
                raise refuse(
                    item,
                    "DISTINCT ordered by what is not selected",
                    "several rows stand for one of the result",
                    "select it too, or GROUP BY and order by an aggregate",
                )
    return None


def trimmed(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TRIM takes a whole word off."""
    word = node.args.get("expression")
    if word is not None and not (isinstance(word, exp.Literal) and len(word.this) == 1):
        raise refuse(node, "TRIM of a word", "Spark's takes off each of its characters", "use a regular expression")
    return None


def digits(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A date in a sum or a difference is a number of digits, as 20240229."""
    kinds = [reading.kind(one) for one in (node.this, node.expression)]
    if {"date", "timestamp"} & set(kinds) and not isinstance(node.expression, exp.Interval):
        raise refuse(node, node.sql("mysql")[:40], "MySQL reckons with the digits of a date, as 20240229",
                     "use DATEDIFF, TIMESTAMPDIFF or an INTERVAL")  # fmt: skip
    return None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Div: division, exp.Mod: remainder, exp.IntDiv: remainder, exp.Greatest: extreme, exp.Least: extreme,
    exp.Xor: either,
    exp.GroupConcat: aggregated_text, exp.DateDiff: difference, exp.DateAdd: added, exp.DateSub: added,
    exp.TsOrDsAdd: added,
    exp.TimeToStr: formatted, exp.StrToDate: formatted, exp.TsOrDsToDate: moment, exp.TsOrDsToTimestamp: moment,
    exp.Date: moment, exp.Length: length, exp.Cast: cast, exp.EQ: alike, exp.GT: alike, exp.LT: alike, exp.NEQ: alike,
    exp.Select: select, exp.Trim: trimmed, exp.Add: digits, exp.Sub: digits,
}  # fmt: skip
