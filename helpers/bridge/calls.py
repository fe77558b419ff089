"""Calls of functions as code."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.bridge.context import Context, writes
from helpers.bridge.functions import Function, function
from helpers.bridge.named import by_name, is_named, unnamed
from helpers.bridge.plain import CALLED
from helpers.bridge.python import Py, call, method
from helpers.bridge.refusal import refuse
from helpers.bridge.types import type_of

Special = Callable[[Context, exp.Anonymous, "list[exp.Expr]"], "Py | None"]
SPECIAL: dict[str, Special] = {}
"""SQL functions that are no plain call in Python; a function here may return None: then it is one."""

_CASTS = {"int": "int", "bigint": "bigint", "smallint": "smallint", "tinyint": "tinyint", "float": "float",
          "double": "double", "boolean": "boolean", "string": "string", "date": "date", "timestamp": "timestamp",
          "binary": "binary", "decimal": "decimal(10,0)"}  # fmt: skip
_FIELDS = {"year": "year", "quarter": "quarter", "month": "month", "week": "weekofyear", "day": "dayofmonth",
           "doy": "dayofyear"}  # fmt: skip
_SYNONYMS = {"substr": "substring", "mean": "avg", "std": "stddev", "lcase": "lower", "ucase": "upper",
             "character_length": "char_length", "sign": "signum", "approx_percentile": "percentile_approx",
             "date_diff": "datediff", "any": "some", "dateadd": "date_add", "pow": "power"}  # fmt: skip


def special(*names: str) -> Callable[[Special], Special]:
    """Enters a function into the table of special calls."""

    def enter(writer: Special) -> Special:
        SPECIAL.update(dict.fromkeys(names, writer))
        return writer

    return enter


@writes(exp.Anonymous)
def anonymous(ctx: Context, node: exp.Expr) -> Py:
    """A call: a special one, one that pyspark has, or one by its SQL name."""
    assert isinstance(node, exp.Anonymous)
    name, arguments = str(node.this).lower(), list(node.expressions)
    arguments = unnamed(arguments)
    if any(is_named(one) for one in arguments):
        return by_name(ctx, node, name)
    if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
        return _distinct(ctx, node, name, arguments[0].expressions)
    made = SPECIAL[name](ctx, node, arguments) if name in SPECIAL else None
    if made is not None:
        return made
    if name in _CASTS and len(arguments) == 1:
        return method(ctx.code(arguments[0]), "cast", [repr(_CASTS[name])], told=False)
    codes = [ctx.code(one) for one in arguments]
    if name in ("percentile", "percentile_approx", "approx_percentile") and len(codes) > 1:
        codes[1] = _parts(arguments[1]) or codes[1]
    return plain(ctx, name, codes)


def _parts(node: exp.Expr) -> Py | None:
    """A constant part, or an array of some, as Python's floats; None where they are computed."""
    if isinstance(node, exp.Literal) and not node.is_string:
        return Py(node.this, kind="value")
    parts = node.expressions if isinstance(node, exp.Anonymous) and str(node.this).lower() == "array" else []
    if not parts or any(not isinstance(one, exp.Literal) or one.is_string for one in parts):
        return None
    return Py(f"[{', '.join(str(one.this) for one in parts)}]", kind="value", told=False)


def plain(ctx: Context, name: str, codes: list[Py]) -> Py:
    """A call of pyspark's function of that SQL name with these arguments, or by its SQL name where there is none."""
    for one in (name, _SYNONYMS.get(name)):
        found = function(one) if one else None
        made = _mapped(found, codes) if found else None
        # A synonym that takes the arguments as they are reads better than one that needs Columns.
        if made is not None and not (one == name and name in _SYNONYMS and function(_SYNONYMS[name])):
            return made if one == name else made.untold()
    return call(
        "F.call_function", [repr(name), *(one.column().text for one in codes)], told=all(c.told for c in codes)
    )


def _mapped(found: Function, codes: list[Py]) -> Py | None:
    if not found.takes(len(codes)):
        return None
    # The data say where in SQL each Python parameter stands.
    order = [place for place in found.order if place < len(codes)]
    if len(order) != len(codes):
        order = list(range(len(codes)))
    by_python = {python: codes[sql] for sql, python in enumerate(order)}
    texts: list[str] = []
    for place in range(len(codes)):
        text = _argument(by_python[place], found.kind(place))
        if text is None:
            return None
        texts.append(text)
    # Of make_dt_interval PySpark fills in seconds of another type.
    told = all(one.told for one in codes) and (found.python != "make_dt_interval" or len(texts) > 3)
    return call(f"F.{found.python}", texts, told=told)


def _argument(code: Py, kind: str) -> str | None:
    """The text of an argument for a parameter of that kind; None where it cannot take it."""
    if kind in ("str", "int", "float", "bool"):
        plain_text = code.text[:1] in "'\""
        fits = code.kind == "value" and (kind == "str") == plain_text and code.text != "None"
        return code.text if fits and (kind == "bool") == (code.text in ("True", "False")) else None
    if kind == "any":
        return code.exact().text
    if kind == "either":
        return code.exact().text if code.text != "None" else code.column().text
    if kind == "number":
        number = code.kind == "value" and code.text.lstrip("-").replace(".", "").isdigit()
        return code.text if number else code.short()
    return code.short() if kind == "column" else code.column().text


def _distinct(ctx: Context, node: exp.Anonymous, name: str, arguments: list[exp.Expr]) -> Py:
    codes = [ctx.code(one) for one in arguments]
    if name in ("min", "max", "collect_set", "bool_and", "bool_or", "every", "some", "any"):
        return plain(ctx, name, codes).untold()
    if name in ("count", "sum"):
        told = all(one.told for one in codes)
        return call(
            f"F.{name}_distinct",
            [
                one.short() if name == "sum" else one.column().text if not one.name else repr(one.name)
                for one in codes
            ],
            told=told,
        )
    if name in ("listagg", "string_agg"):
        return call(f"F.{name}_distinct", [codes[0].short(), *(one.text for one in codes[1:])])
    raise refuse(node, f"{name}(DISTINCT ...)", "pyspark has no such aggregate",
                 "aggregate over a subquery with SELECT DISTINCT")  # fmt: skip


@special("count")
def count(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """COUNT(*), COUNT(1), COUNT of one or of several columns."""
    if not arguments or isinstance(arguments[0], exp.Star | exp.Literal):
        return Py(
            "F.count('*')", told=not arguments or isinstance(arguments[0], exp.Star) or arguments[0].this == "1"
        )
    if len(arguments) > 1:
        # Only rows where all are given count.
        given = " & ".join(method(ctx.code(one), "isNotNull", []).text for one in arguments)
        return Py(f"F.count_if({given})", told=False)
    return None


@special("lag", "lead")
def shifted(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """LAG and LEAD: pyspark takes a plain value only for the rows beyond the edge."""
    if len(arguments) < 3:
        return None
    codes = [ctx.code(one) for one in arguments]
    if codes[2].kind == "value" and codes[2].exact() is codes[2]:
        return None
    return call("F.call_function", [repr(str(node.this).lower()), *(one.column().text for one in codes)], told=False)


@special("log")
def log(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """LOG(base, x): Python takes the base as a float."""
    if len(arguments) != 2 or not isinstance(arguments[0], exp.Literal) or arguments[0].is_string:
        return None
    return call("F.log", [repr(float(arguments[0].this)), ctx.code(arguments[1]).short()], told=False)


@special("dateadd", "timestampadd", "date_add")
def dateadd(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """DATEADD(unit, number, time)."""
    if len(arguments) != 3:
        return None
    unit, amount, moment = arguments
    codes = [ctx.code(amount), ctx.code(moment)]
    return call("F.timestamp_add", [repr(_unit(unit)), _count(codes[0]), codes[1].short()], told=False)


@special("datediff", "timestampdiff", "date_diff")
def datediff(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """DATEDIFF(unit, from, to), or DATEDIFF(to, from)."""
    if len(arguments) != 3:
        return None
    start, end = (ctx.code(one).short() for one in arguments[1:])
    return call("F.timestamp_diff", [repr(_unit(arguments[0])), start, end], told=False)


def _unit(node: exp.Expr) -> str:
    return node.name.upper()


def _count(code: Py) -> str:
    return code.column().text if code.kind == "value" else code.short()


@special("contains", "startswith", "endswith")
def part_of(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """CONTAINS(text, 'part') and its kin: a Column's method takes the part as it is."""
    if len(arguments) != 2 or not isinstance(arguments[1], exp.Literal) or not arguments[1].is_string:
        return None
    return method(ctx.code(arguments[0]), str(node.this).lower(), [ctx.code(arguments[1]).text])


@special("struct")
def struct(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """STRUCT(a, b AS c)."""
    return call("F.struct", [aliased(ctx, one) for one in arguments], told=False)


def aliased(ctx: Context, node: exp.Expr) -> str:
    """A column, with its alias where it has one."""
    if isinstance(node, exp.Alias):
        return method(ctx.code(node.this), "alias", [repr(node.alias)]).text
    return ctx.code(node).short()


@special("if", "iff")
def if_(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """IF(condition, one, other)."""
    test, one, other = (ctx.code(argument).exact() for argument in arguments)
    return Py(f"F.when({test.column().text}, {one.text}).otherwise({other.text})", told=False)


@special("current_date", "curdate")
def current_date(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """The day of the query."""
    return Py("F.current_date()")


@writes(exp.CurrentDate, exp.CurrentTimestamp)
def current(ctx: Context, node: exp.Expr) -> Py:
    """CURRENT_DATE, CURRENT_TIMESTAMP without parentheses."""
    return Py("F.current_date()" if isinstance(node, exp.CurrentDate) else "F.current_timestamp()")


@writes(exp.Extract)
def extract(ctx: Context, node: exp.Expr) -> Py:
    """EXTRACT(field FROM source): most fields of a day have a function of their own."""
    field, source = node.this.name, ctx.code(node.expression)
    kind = type_of(ctx, node.expression)
    if field.lower() in _FIELDS and (kind == "date" or kind.startswith("timestamp")):
        return call(f"F.{_FIELDS[field.lower()]}", [source.short()], told=False)
    return call("F.extract", [f"F.lit({field!r})", source.short()], told=False)


@writes(exp.Substring)
def substring(ctx: Context, node: exp.Expr) -> Py:
    """SUBSTRING(text, start, length), SUBSTR, and SUBSTRING(text FROM start FOR length)."""
    codes = [ctx.code(node.this), ctx.code(node.args["start"])]
    if node.args.get("length") is not None:
        codes.append(ctx.code(node.args["length"]))
    # Without a length only substr goes on to the end.
    name = "substring" if len(codes) == 3 else "substr"
    texts = [
        codes[0].short(),
        *(one.text if name == "substring" and one.kind == "value" else _count(one) for one in codes[1:]),
    ]
    # The column of a SUBSTR has another name in SQL.
    told = name == "substring" and CALLED not in node.meta and all(one.told for one in codes)
    return call(f"F.{name}", texts, told=told)


@writes(exp.Trim)
def trim(ctx: Context, node: exp.Expr) -> Py:
    """TRIM([BOTH | LEADING | TRAILING] [characters FROM] text)."""
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.text("position") or "").upper(), "trim")
    more = node.args.get("expression")
    arguments = [ctx.code(node.this).short(), *([ctx.code(more).column().text] if more is not None else [])]
    return call(f"F.{name}", arguments, told=False)


@writes(exp.StrPosition)
def position(ctx: Context, node: exp.Expr) -> Py:
    """POSITION(part IN text)."""
    part, text = ctx.code(node.args["substr"]), ctx.code(node.this)
    return call("F.position", [part.column().text, text.column().text], told=False)


@writes(exp.Overlay)
def overlay(ctx: Context, node: exp.Expr) -> Py:
    """OVERLAY(text PLACING other FROM start FOR length)."""
    keys = [key for key in ("this", "expression", "from_", "for_") if node.args.get(key) is not None]
    codes = [ctx.code(node.args[key]) for key in keys]
    texts = [
        one.column().text if place < 2 else (one.text if one.kind == "value" else one.short())
        for place, one in enumerate(codes)
    ]
    return call("F.overlay", texts, told=False)
