"""PostgreSQL's numbers: which type each function gives, and how it rounds."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import digits, pieces, shared
from helpers.bridge.foreign.reader import WHOLE, Reader, call, told
from helpers.bridge.refusal import refuse

_DOUBLE = {"double", "float"}
_KNOWN = {*WHOLE, "decimal", *_DOUBLE}


def divided(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A division: of integers it gives one; an interval is divided where it has no months."""
    if reading.kind(node.this) == "interval":
        raise refuse(node, "A divided interval", "what becomes of a fraction of its parts is another thing in Spark",
                     "divide extract(epoch FROM ...)")  # fmt: skip
    made = shared.integer_division(reading, node)
    if made is None:
        digits.divided(reading, node)
    return made


def log(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """log(x) is to the base 10."""
    return call("log10", node.this.copy()) if node.args.get("expression") is None else None


def power(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A power: of integers it is a double."""
    kinds = {reading.kind(node.this), reading.kind(node.expression)}
    if kinds <= _KNOWN:
        told(node, "decimal" if "decimal" in kinds and not kinds & _DOUBLE else "double")
    return None


def rooted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Roots and their kin: of integers they are doubles."""
    kind = reading.kind(node.this)
    if kind in _KNOWN:
        told(node, "decimal" if kind == "decimal" else "double")
    return None


def chosen(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """greatest() and least(), which skip NULL: of the type that all parts have."""
    parts = [one for one in (node.this, *node.expressions) if not isinstance(one, exp.Null)]
    kinds = {reading.kind(one) for one in parts}
    if len(kinds) == 1:
        told(node, kinds.pop())
    elif kinds <= _KNOWN:
        told(node, "double" if kinds & _DOUBLE else "decimal" if "decimal" in kinds else "bigint")
    return None


def value(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A subquery that stands for a value has the type of the one that it selects."""
    query = node.this
    if isinstance(query, exp.Select) and len(query.selects) == 1 and not isinstance(node.parent, exp.From | exp.Join):
        told(node, reading.kind(query.selects[0]))
    return None


def average(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """avg() of integers is numeric."""
    kind = reading.kind(node.this)
    digits.average(reading, node)
    told(node, "decimal" if kind in {*WHOLE, "decimal"} else kind)
    return None


def rounded(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """round(double) rounds halves to even."""
    kind, places = reading.kind(node.this), node.args.get("decimals")
    if places is None and kind in _DOUBLE:
        made = told(call("rint", node.this.copy()), "double")
        made.meta["whole"] = True
        return made
    if kind == "":
        reading.note("round() of a double rounds halves to even in PostgreSQL; Spark's rounds them away from zero.")
        return None
    told(node, kind if kind not in WHOLE else "decimal" if places is not None else "double")
    if places is None:
        node.meta["whole"] = True
    return None


def bounded(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ceil() and floor(), which of an integer are doubles."""
    kind = reading.kind(node.this)
    if kind in _KNOWN:
        told(node, "decimal" if kind == "decimal" else "double")
        node.meta["whole"] = True
    return None


def trunc(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """trunc(x), trunc(x, digits): toward zero. Spark's own trunc is for dates."""
    kind, places = reading.kind(node.this), node.args.get("decimals")
    if kind not in _KNOWN or (places is not None and (pieces.number(places) is None or kind in _DOUBLE)):
        raise refuse(node, "trunc() of an unknown type, or to computed digits", "Spark's trunc is for dates",
                     "give the schema, or use floor, ceil or round")  # fmt: skip
    if kind in WHOLE and places is None:
        return told(node.this.copy(), "double")
    arguments = [node.this.copy(), *([places.copy()] if places is not None else [])]
    below = exp.LT(this=node.this.copy(), expression=exp.Literal.number(0))
    made = exp.Case(
        ifs=[exp.If(this=below, true=call("ceil", *arguments))],
        default=call("floor", *(one.copy() for one in arguments)),
    )
    made.meta["whole"] = True
    if places is not None:
        del made.meta["whole"]
    return told(made, "double" if kind in _DOUBLE else "decimal")


def bucket(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """width_bucket(x, low, high, count): of exact numbers by exact bounds, where Spark's computes with doubles."""
    value = node.this
    low, high, count = (node.args.get(key) for key in ("min_value", "max_value", "num_buckets"))
    kind = reading.kind(value)
    if low is None or high is None or count is None or kind not in _KNOWN:
        raise refuse(node, "width_bucket()", "it is known of a number, two bounds and a count", "give the schema")
    if kind in _DOUBLE:
        return told(call("width_bucket", *(one.copy() for one in (value, low, high, count))), "int")
    bounds, size = (pieces.number(low), pieces.number(high)), pieces.number(count)
    if bounds[0] is None or bounds[1] is None or not size or bounds[0] >= bounds[1]:
        raise refuse(node, "width_bucket() of these bounds", "Spark computes it with doubles, which are not exact",
                     "write whole numbers as bounds, the lower one first")  # fmt: skip
    above = exp.Sub(this=value.copy(), expression=low.copy()) if bounds[0] else value.copy()
    above = above if isinstance(above, exp.Column) else exp.Paren(this=above)
    share = exp.Div(
        this=exp.Mul(this=above, expression=count.copy()), expression=exp.Literal.number(bounds[1] - bounds[0])
    )
    place = exp.Add(this=call("floor", share), expression=exp.Literal.number(1))
    made = exp.Case(
        ifs=[
            exp.If(this=exp.LT(this=value.copy(), expression=low.copy()), true=exp.Literal.number(0)),
            exp.If(this=exp.GTE(this=value.copy(), expression=high.copy()), true=exp.Literal.number(size + 1)),
        ],
        default=place,
    )
    return told(made, "int")
