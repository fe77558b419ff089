"""The name that Spark gives an expression of SELECT which has no alias."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.types import type_text

_SIGNS: dict[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.EQ: "=", exp.GT: ">", exp.GTE: ">=",
    exp.LT: "<", exp.LTE: "<=", exp.And: "AND", exp.Or: "OR", exp.NullSafeEQ: "<=>", exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|", exp.BitwiseXor: "^",
}  # fmt: skip


def auto(node: exp.Expr) -> str:
    """Spark's name; "" where the bridge does not know it."""
    parts = _name(node)
    return parts if parts is not None else ""


def _name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Paren):
        return _name(node.this)
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Identifier):
        return f"namedlambdavariable({node.name})"
    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, exp.Null):
        return "NULL"
    if isinstance(node, exp.Boolean):
        return str(bool(node.this)).lower()
    if isinstance(node, exp.Star):
        return "1"
    if type(node) in _SIGNS:
        return _all("({} " + _SIGNS[type(node)] + " {})", node.this, node.expression)
    return _more(node)


def _more(node: exp.Expr) -> str | None:
    if isinstance(node, exp.NEQ):
        return _all("(NOT ({} = {}))", node.this, node.expression)
    if isinstance(node, exp.Not):
        inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            return _all("({} IS NOT NULL)", inner.this)
        return _all("(NOT {})", node.this)
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return _all("({} IS NULL)", node.this)
    if isinstance(node, exp.Neg):
        return _all("-{}" if isinstance(node.this, exp.Literal) else "(- {})", node.this)
    if isinstance(node, exp.Between):
        return _all("between({}, {}, {})", node.this, node.args["low"], node.args["high"])
    if isinstance(node, exp.In) and not node.args.get("query"):
        return _all("({} IN (" + ", ".join("{}" for _ in node.expressions) + "))", node.this, *node.expressions)
    if isinstance(node, exp.Cast | exp.TryCast):
        kind = type_text(node.args["to"])
        if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and kind in ("date", "timestamp"):
            return f"{kind.upper()} '{node.this.this}'"
        word = "TRY_CAST" if node.args.get("safe") else "CAST"
        return _all(word + "({} AS " + kind.upper() + ")", node.this)
    if isinstance(node, exp.Case):
        return _case(node)
    if isinstance(node, exp.If):
        return _all("(IF({}, {}, {}))", node.this, node.args["true"], node.args["false"])
    if isinstance(node, exp.DPipe):
        return _all("concat({}, {})", node.this, node.expression)
    if isinstance(node, exp.Extract):
        return _all("extract(" + node.this.name + " FROM {})", node.expression)
    if isinstance(node, exp.Substring):
        length = node.args.get("length")
        items = [node.this, node.args["start"], *([length] if length is not None else [])]
        more = "" if length is not None else ", 2147483647"
        return _all("substring(" + ", ".join("{}" for _ in items) + more + ")", *items)
    if isinstance(node, exp.Like | exp.ILike | exp.RegexpLike) and not node.args.get("escape"):
        return _like(node)
    if isinstance(node, exp.Subquery | exp.Select):
        return "scalarsubquery()"
    if isinstance(node, exp.Anonymous):
        return _call(node)
    if isinstance(node, exp.Window):
        return _window(node)
    if isinstance(node, exp.Filter):
        return _all("{} FILTER (WHERE {})", node.this, node.expression.this)
    if isinstance(node, exp.IntDiv):
        return _all("({} div {})", node.this, node.expression)
    return None


def _all(form: str, *nodes: exp.Expr) -> str | None:
    names = [_name(one) for one in nodes]
    return None if any(one is None for one in names) else form.replace("{}", "\0").replace("\0", "{}").format(*names)


def _literal(node: exp.Literal) -> str:
    return str(node.this) if node.is_string or "e" not in node.this.lower() else repr(float(node.this))


def _case(node: exp.Case) -> str | None:
    ifs = node.args["ifs"]
    tests = [
        one.this if node.this is None else exp.EQ(this=node.this.copy(), expression=one.this.copy()) for one in ifs
    ]
    form = "CASE" + " WHEN {} THEN {}" * len(ifs)
    items = [part for test, one in zip(tests, ifs, strict=True) for part in (test, one.args["true"])]
    if node.args.get("default") is not None:
        form, items = form + " ELSE {}", [*items, node.args["default"]]
    return _all(form + " END", *items)


def _like(node: exp.Expr) -> str | None:
    if isinstance(node, exp.RegexpLike):
        return _all("RLIKE({}, {})", node.this, node.expression)
    word = "LIKE" if isinstance(node, exp.Like) else "ILIKE"
    if isinstance(node.expression, exp.Any | exp.All):
        return None
    form = ("{} " + word + " {}") if word == "LIKE" else "ilike({}, {})"
    return _all(f"(NOT {form})" if node.args.get("negate") else form, node.this, node.expression)


def _call(node: exp.Anonymous) -> str | None:
    name = str(node.this).lower()
    items = list(node.expressions)
    distinct = ""
    if len(items) == 1 and isinstance(items[0], exp.Distinct):
        distinct, items = "DISTINCT ", list(items[0].expressions)
    if any(isinstance(one, exp.Lambda) for one in items):
        return None
    if name == "if":
        return _all("(IF({}, {}, {}))", *items)
    more = ", 2147483647" if name == "substr" and len(items) == 2 else ""
    form = f"{name}({distinct}" + ", ".join("{}" for _ in items) + more + ")"
    return _all(form, *items)


def _window(node: exp.Window) -> str | None:
    if node.args.get("alias") or node.args.get("first"):
        return None
    parts = []
    partition = [_name(one) for one in node.args.get("partition_by") or []]
    if any(one is None for one in partition):
        return None
    if partition:
        parts.append("PARTITION BY " + ", ".join(str(one) for one in partition))
    orders = []
    for one in node.args["order"].expressions if node.args.get("order") else []:
        name = _name(one.this)
        if name is None:
            return None
        desc = bool(one.args.get("desc"))
        orders.append(
            f"{name} {'DESC' if desc else 'ASC'} NULLS {'FIRST' if one.args.get('nulls_first') else 'LAST'}"
        )
    if orders:
        parts.append("ORDER BY " + ", ".join(orders))
    frame = _frame(node, bool(orders))
    function = _name(node.this)
    if function is None or frame is None:
        return None
    return f"{function} OVER ({' '.join([*parts, frame])})"


def _frame(node: exp.Window, sorted_: bool) -> str | None:
    spec = node.args.get("spec")
    ranking = isinstance(node.this, exp.Anonymous) and str(node.this.this).lower() in {
        "row_number", "rank", "dense_rank", "percent_rank", "ntile", "cume_dist"}  # fmt: skip
    if ranking:
        kind = "RANGE" if str(node.this.this).lower() == "cume_dist" else "ROWS"
        return f"{kind} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    if spec is None:
        if isinstance(node.this, exp.Anonymous) and str(node.this.this).lower() in ("lag", "lead"):
            return None
        return ("RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" if sorted_
                else "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")  # fmt: skip
    bounds = []
    for side in ("start", "end"):
        value, way = spec.args.get(side), spec.args.get(f"{side}_side")
        if isinstance(value, str) or value is None:
            bounds.append(f"{value or 'CURRENT ROW'}{f' {way.upper()}' if way else ''}")
            continue
        name = _name(value)
        if name is None:
            return None
        bounds.append(f"-{name} PRECEDING" if str(way).lower() == "preceding" else f"{name} FOLLOWING")
    return f"{str(spec.args['kind']).upper()} BETWEEN {bounds[0]} AND {bounds[1]}"
