"""The name that Spark gives an expression of SELECT which has no alias."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.bridge import spellings
from helpers.bridge.plain import CALLED
from helpers.bridge.types import type_text

_SIGNS: dict[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.EQ: "=", exp.GT: ">", exp.GTE: ">=",
    exp.LT: "<", exp.LTE: "<=", exp.And: "AND", exp.Or: "OR", exp.NullSafeEQ: "<=>", exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|", exp.BitwiseXor: "^", exp.BitwiseLeftShift: "<<", exp.BitwiseRightShift: ">>",
}  # fmt: skip


Types = Callable[[exp.Expr], str]
"""Tells an expression's type; "" = not known."""


def auto(node: exp.Expr, types: Types = lambda node: "") -> str:
    """Spark's name; "" where the bridge does not know it."""
    try:
        return _Namer(types).name(node)
    except _Unknown:
        return ""


class _Unknown(Exception):
    """No name is known for a part."""


class _Namer:
    def __init__(self, types: Types) -> None:
        self.types = types
        self._table = self._writers()
        self._lambdas: list[set[str]] = []

    def name(self, node: exp.Expr) -> str:
        """The name of one node. Raises _Unknown."""
        if type(node) in _SIGNS:
            return self._signed(node)
        writer = self._table.get(type(node))
        if writer is None:
            raise _Unknown
        return writer(node)

    def _writers(self) -> dict[type[exp.Expr], Callable[..., str]]:
        return {
            exp.Paren: lambda node: self.name(node.this),
            exp.Column: self._column,
            exp.Identifier: self._identifier,
            exp.Literal: spellings.number,
            exp.Null: lambda node: "NULL",
            exp.Boolean: lambda node: str(bool(node.this)).lower(),
            exp.Star: lambda node: "1",
            exp.NEQ: lambda node: self._all("(NOT ({} = {}))", node.this, node.expression),
            exp.Not: self._not,
            exp.NullSafeNEQ: lambda node: self._all("(NOT ({} <=> {}))", node.this, node.expression),
            exp.Is: self._is,
            exp.Neg: lambda node: self._all("-{}" if _is_number(node.this) else "(- {})", node.this),
            exp.BitwiseNot: lambda node: self._all("~{}", node.this),
            exp.Between: lambda node: self._all(
                "between({}, {}, {})", node.this, node.args["low"], node.args["high"]
            ),
            exp.In: self._in,
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.Case: self._case,
            exp.If: lambda node: self._all("(IF({}, {}, {}))", node.this, node.args["true"], node.args["false"]),
            exp.DPipe: lambda node: self._all("concat({}, {})", node.this, node.expression),
            exp.Extract: lambda node: self._all("extract(" + node.this.name + " FROM {})", node.expression),
            exp.Substring: self._substring,
            exp.Trim: self._trim,
            exp.StrPosition: lambda node: self._all("locate({}, {}, 1)", node.args["substr"], node.this),
            exp.Overlay: self._overlay,
            exp.Escape: lambda node: self._all("{} ESCAPE '" + node.expression.name + "'", node.this),
            exp.Like: self._like,
            exp.ILike: self._like,
            exp.RegexpLike: self._like,
            exp.Subquery: lambda node: "scalarsubquery()",
            exp.Select: lambda node: "scalarsubquery()",
            exp.Exists: lambda node: "exists()",
            exp.Interval: self._interval,
            exp.Bracket: lambda node: self._all("{}[{}]", node.this, node.expressions[0]),
            exp.Dot: lambda node: self._all("{}." + node.expression.name, node.this),
            exp.Collate: lambda node: self._all("collate({}, " + node.expression.name + ")", node.this),
            exp.Anonymous: self._call,
            exp.Window: self._window,
            exp.Filter: lambda node: self._all("{} FILTER (WHERE {})", node.this, node.expression.this),
            exp.WithinGroup: self._within,
            exp.Lambda: self._lambda,
            exp.Alias: lambda node: self._all("{} AS " + node.alias, node.this),
            exp.IgnoreNulls: self._ignoring,
            exp.RespectNulls: lambda node: self.name(node.this),
            exp.IntDiv: lambda node: self._all("({} div {})", node.this, node.expression),
        }

    def _all(self, form: str, *nodes: exp.Expr) -> str:
        parts = form.split("{}")
        names = [self.name(one) for one in nodes]
        return "".join(part + name for part, name in zip(parts, [*names, ""], strict=True))

    def _column(self, node: exp.Column) -> str:
        first = node.parts[0].name.lower()
        if any(first in names for names in self._lambdas):
            return "".join(["namedlambdavariable()", *(f".{one.name}" for one in node.parts[1:])])
        # A part of a struct is told by its path where it stands in an expression.
        return node.name

    def _identifier(self, node: exp.Identifier) -> str:
        return "namedlambdavariable()"

    def _signed(self, node: exp.Expr) -> str:
        left, right = node.this, node.expression
        if isinstance(node, exp.Add | exp.Sub):
            if isinstance(left, exp.Interval) and not isinstance(right, exp.Interval) and isinstance(node, exp.Add):
                left, right = right, left
            kinds = self.types(left), self.types(right)
            if isinstance(right, exp.Interval):
                return self._moved(node, left, right, kinds[0])
            if (kinds[0] == "timestamp" and _is_span(right)) or (kinds[0] == "date" and _is_months(right)):
                return self._all("{} " + _SIGNS[type(node)] + " {}", left, right)
            if kinds[0] == "date" and kinds[1] != "date":
                if "interval" in kinds[1] or not kinds[1]:
                    raise _Unknown
                return self._all(("date_add" if isinstance(node, exp.Add) else "date_sub") + "({}, {})", left, right)
            if kinds[0] == "timestamp" and kinds[1] != "timestamp":
                raise _Unknown
        if isinstance(node, exp.Mul) and isinstance(right, exp.Interval):
            left, right = right, left
        if isinstance(node, exp.Mul) and isinstance(left, exp.Interval):
            return self._all("({} * {})", left, right)
        if any(isinstance(one, exp.Collate | exp.Interval) for one in (left, right)) and not _compares(node):
            raise _Unknown
        return self._all("({} " + _SIGNS[type(node)] + " {})", left, right)

    def _moved(self, node: exp.Expr, left: exp.Expr, right: exp.Interval, kind: str) -> str:
        name = self._interval(right)
        if kind == "date" and name.endswith(" DAY"):
            days = f"extractansiintervaldays({name})"
            return self._all("date_add({}, " + (days if isinstance(node, exp.Add) else f"(- {days})") + ")", left)
        if kind not in ("date", "timestamp"):
            raise _Unknown
        return self._all("{} " + ("+" if isinstance(node, exp.Add) else "-") + f" {name}", left)

    def _interval(self, node: exp.Interval) -> str:
        from helpers.bridge.dates import amount

        found = amount(node)
        if found is None:
            unit = node.args.get("unit")
            if isinstance(unit, exp.IntervalSpan) and isinstance(node.this, exp.Literal):
                text = spellings.span(node.this.this)
                return f"INTERVAL '{text}' {unit.this.name.upper()} TO {unit.expression.name.upper()}"
            raise _Unknown
        return spellings.interval(*found)

    def _not(self, node: exp.Expr) -> str:
        inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null) and inner is node.this:
            return self._all("({} IS NOT NULL)", inner.this)
        return self._all("(NOT {})", node.this)

    def _is(self, node: exp.Expr) -> str:
        if isinstance(node.expression, exp.Null):
            return self._all("({} IS NULL)", node.this)
        return self._all("({} <=> {})", node.this, node.expression)

    def _in(self, node: exp.Expr) -> str:
        if node.args.get("query"):
            raise _Unknown
        return self._all("({} IN (" + ", ".join("{}" for _ in node.expressions) + "))", node.this, *node.expressions)

    def _cast(self, node: exp.Expr) -> str:
        called = node.meta.get(CALLED) or node.args["to"].meta.get(CALLED)
        kind, inner = type_text(node.args["to"]), node.this
        typed = isinstance(node, exp.Cast) and isinstance(inner, exp.Literal) and not called
        if typed and kind in ("date", "timestamp"):
            midnight = " 00:00:00" if kind == "timestamp" and len(inner.this) == 10 else ""
            return f"{kind.upper()} '{inner.this}{midnight}'"
        if _is_number(node):
            return str(inner.this)
        word = "TRY_CAST" if node.args.get("safe") else "CAST"
        return self._all(word + "({} AS " + kind.upper() + ")", inner)

    def _case(self, node: exp.Case) -> str:
        ifs = node.args["ifs"]
        tests = [
            one.this if node.this is None else exp.EQ(this=node.this.copy(), expression=one.this.copy())
            for one in ifs
        ]
        form = "CASE" + " WHEN {} THEN {}" * len(ifs)
        items = [part for test, one in zip(tests, ifs, strict=True) for part in (test, one.args["true"])]
        if node.args.get("default") is not None:
            form, items = form + " ELSE {}", [*items, node.args["default"]]
        return self._all(form + " END", *items)

    def _substring(self, node: exp.Expr) -> str:
        length = node.args.get("length")
        arguments = [
            self.name(one) for one in (node.this, node.args["start"], *([length] if length is not None else []))
        ]
        return spellings.call(node.meta.get(CALLED, "substring"), arguments)

    def _trim(self, node: exp.Expr) -> str:
        where = (node.text("position") or "BOTH").upper()
        if node.args.get("expression") is not None:
            return self._all("TRIM(" + where + " {} FROM {})", node.args["expression"], node.this)
        return self._all({"LEADING": "ltrim", "TRAILING": "rtrim"}.get(where, "trim") + "({})", node.this)

    def _overlay(self, node: exp.Expr) -> str:
        items = [node.args[key] for key in ("this", "expression", "from_", "for_") if node.args.get(key) is not None]
        return spellings.call("overlay", [self.name(one) for one in items])

    def _like(self, node: exp.Expr) -> str:
        pattern, negate = node.expression, node.args.get("negate")
        if isinstance(pattern, exp.Any | exp.All):
            if not isinstance(node, exp.Like):
                raise _Unknown
            word = ("not" if negate else "") + ("likeany" if isinstance(pattern, exp.Any) else "likeall")
            return self._all(word + "({})", node.this)
        form = (
            "{} LIKE {}"
            if isinstance(node, exp.Like)
            else "ilike({}, {})"
            if isinstance(node, exp.ILike)
            else "RLIKE({}, {})"
        )
        return self._all(f"(NOT {form})" if negate else form, node.this, pattern)

    def _call(self, node: exp.Anonymous, over: bool = False) -> str:
        name, items = str(node.this).lower(), list(node.expressions)
        distinct = ""
        if len(items) == 1 and isinstance(items[0], exp.Distinct):
            distinct, items = "DISTINCT ", list(items[0].expressions)
        if name in spellings.UNKNOWN or any(isinstance(one, exp.Kwarg | exp.PropertyEQ) for one in items):
            raise _Unknown
        if name in spellings.CASTS and len(items) == 1:
            return self.name(items[0])
        if name == "if":
            return self._all("(IF({}, {}, {}))", *items)
        if len(items) == 3 and name in (
            "datediff",
            "date_diff",
            "timestampdiff",
            "dateadd",
            "date_add",
            "timestampadd",
        ):
            told = "timestampdiff" if "diff" in name else "timestampadd"
            return self._all(told + "(" + items[0].name + ", {}, {})", *items[1:])
        return spellings.call(
            "date_add" if name == "dateadd" else name, [self.name(one) for one in items], distinct, over
        )

    def _lambda(self, node: exp.Lambda) -> str:
        self._lambdas.append({one.name.lower() for one in node.expressions})
        try:
            body = self.name(node.this)
        finally:
            self._lambdas.pop()
        return f"lambdafunction({', '.join([body, *('namedlambdavariable()' for _ in node.expressions)])})"

    def _ignoring(self, node: exp.Expr) -> str:
        inner = node.this
        if isinstance(inner, exp.Anonymous) and str(inner.this).lower() in ("first_value", "last_value"):
            # So written, they have their older names.
            return self._all(str(inner.this).lower().removesuffix("_value") + "({})", inner.expressions[0])
        return self.name(inner)

    def _within(self, node: exp.Expr) -> str:
        inner, order = node.this, node.expression.expressions
        name = str(inner.this).lower() if isinstance(inner, exp.Anonymous) else ""
        if name in ("percentile_cont", "percentile_disc"):
            way = " DESC" if order[0].args.get("desc") else ""
            return self._all(name + "({}) WITHIN GROUP (ORDER BY {}" + way + ")", inner.expressions[0], order[0].this)
        if name in ("listagg", "string_agg"):
            items = inner.expressions
            distinct = "DISTINCT " if isinstance(items[0], exp.Distinct) else ""
            if distinct:
                items = [*items[0].expressions, *items[1:]]
            told = spellings.call("listagg", [self.name(one) for one in items], distinct)
            return f"{told} WITHIN GROUP (ORDER BY {', '.join(self._order(one) for one in order)})"
        if name == "mode" and not order[0].args.get("desc"):
            # Of values that are as frequent the least is taken, which Spark tells so.
            return self._all("mode() WITHIN GROUP (ORDER BY {} DESC)", order[0].this)
        raise _Unknown

    def _order(self, node: exp.Expr) -> str:
        way = "DESC" if node.args.get("desc") else "ASC"
        return f"{self.name(node.this)} {way} NULLS {'FIRST' if node.args.get('nulls_first') else 'LAST'}"

    def _window(self, node: exp.Window) -> str:
        if node.args.get("alias") or node.args.get("first"):
            raise _Unknown
        function = node.this
        ranked = isinstance(function, exp.Anonymous)
        name = self._call(function, over=True) if ranked else self.name(function)
        parts = []
        if node.args.get("partition_by"):
            parts.append("PARTITION BY " + ", ".join(self.name(one) for one in node.args["partition_by"]))
        orders = node.args["order"].expressions if node.args.get("order") else []
        if orders:
            parts.append("ORDER BY " + ", ".join(self._order(one) for one in orders))
        return f"{name} OVER ({' '.join([*parts, self._frame(node, bool(orders))])})"

    def _frame(self, node: exp.Window, sorted_: bool) -> str:
        spec, function = node.args.get("spec"), node.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
            function = function.this
        name = str(function.this).lower() if isinstance(function, exp.Anonymous) else ""
        if name in ("row_number", "rank", "dense_rank", "percent_rank", "ntile", "cume_dist"):
            kind = "RANGE" if name == "cume_dist" else "ROWS"
            return f"{kind} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
        if name in ("lag", "lead"):
            steps = function.expressions[1] if len(function.expressions) > 1 else exp.Literal.number(1)
            if not isinstance(steps, exp.Literal):
                raise _Unknown
            edge = f"{'-' if name == 'lag' else ''}{steps.this} FOLLOWING"
            return f"ROWS BETWEEN {edge} AND {edge}"
        if spec is None:
            return ("RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" if sorted_
                    else "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")  # fmt: skip
        kind = str(spec.args["kind"]).upper()
        days = sorted_ and self.types(node.args["order"].expressions[0].this) == "date"
        return f"{kind} BETWEEN {self._bound(spec, 'start', kind, days)} AND {self._bound(spec, 'end', kind, days)}"

    def _bound(self, spec: exp.Expr, side: str, kind: str, days: bool) -> str:
        value, way = spec.args.get(side), str(spec.args.get(f"{side}_side") or "").upper()
        if isinstance(value, str) or value is None:
            return f"{value or 'CURRENT ROW'}{f' {way}' if way else ''}"
        name = self.name(value)
        if kind == "RANGE" and way == "PRECEDING" and isinstance(value, exp.Literal) and days is False:
            return f"(- {name}) FOLLOWING"
        return f"{name} {way}"


def _is_months(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "make_ym_interval"


def _is_span(node: exp.Expr) -> bool:
    """An interval that is computed."""
    parts = (node.this, node.expression) if isinstance(node, exp.Mul) else ()
    made = isinstance(node, exp.Anonymous) and str(node.this).lower() == "make_dt_interval"
    return made or _is_months(node) or any(isinstance(one, exp.Interval) for one in parts)


def _compares(node: exp.Expr) -> bool:
    """Whether an operator compares, where an interval is no more than a value."""
    collated = any(isinstance(one, exp.Collate) for one in (node.this, node.expression))
    return isinstance(node, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.NullSafeEQ) and not collated


def _is_number(node: exp.Expr) -> bool:
    """Whether it is a number as written, with a letter for its type or without, as in 0.25D."""
    if isinstance(node, exp.Cast):
        called = node.meta.get(CALLED) or node.args["to"].meta.get(CALLED)
        return not called and isinstance(node.this, exp.Literal) and not node.this.is_string
    return isinstance(node, exp.Literal) and not node.is_string
