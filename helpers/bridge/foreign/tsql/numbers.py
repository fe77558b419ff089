"""SQL Server's ROUND, LOG, GROUPING_ID and JSON_VALUE."""

from __future__ import annotations

import json

from sqlglot import exp

from helpers.bridge.foreign import levels, pieces
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, call, told
from helpers.bridge.refusal import refuse


def rounded(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ROUND(x, places, 1) cuts off."""
    cutting = node.args.get("truncate")
    if cutting is None:
        return None
    flag, places = pieces.number(cutting), pieces.number(node.args.get("decimals"))
    kind = reading.kind(node.this)
    if flag is None or places is None or (flag and kind not in {*WHOLE, "decimal"}):
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "cutting off is known of decimals and whole numbers, to a number of places that is written out",
            "cast to decimal(p,s)",
        )
    if flag == 0:
        return exp.Round(this=node.this.copy(), decimals=node.args["decimals"].copy())
    step = exp.Literal.number(10**-places if places <= 0 else f"0.{'0' * (places - 1)}1")
    inner = exp.Paren(this=node.this.copy()) if isinstance(node.this, exp.Binary) else node.this.copy()
    rest = exp.Mod(this=inner, expression=step)
    return told(exp.Paren(this=exp.Sub(this=inner.copy(), expression=rest)), kind)


def log(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LOG(x, base), LOG10(x)."""
    base, number = node.this, node.expression
    if number is None:
        return exp.Ln(this=base.copy())
    if pieces.number(base) == 10:
        return told(call("log10", number.copy()), "double")
    return told(call("log", base.copy(), number.copy()), "double")


def grouping_id(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GROUPING_ID(a, b): the bits of GROUPING, the last column the lowest."""
    return levels.whole(node)


def json_value(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """JSON_VALUE of a text that is written out: of others it is not known whether the place holds one value."""
    path = node.expression
    keys = [str(one.this) for one in path.expressions[1:]] if isinstance(path, exp.JSONPath) else [""]
    if not isinstance(node.this, exp.Literal) or not all(one.isidentifier() for one in keys):
        raise refuse(
            node,
            "JSON_VALUE",
            "it gives NULL for objects and arrays, where Spark gives their text",
            "read the column by from_json with a schema",
        )
    try:
        found = json.loads(node.this.this)
    except ValueError:
        raise refuse(node, "JSON_VALUE", "its text is no JSON") from None
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if isinstance(found, dict | list):
        return told(as_type(exp.Null(), "string"), "string")
    if isinstance(found, float) and repr(found) not in node.this.this:
        raise refuse(node, "JSON_VALUE", "Spark would write its number otherwise")
    return told(call("get_json_object", node.this.copy(), ".".join(["$", *keys])), "string")
