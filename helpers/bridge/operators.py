"""Operators, CASE, casts and constants as code."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge import literals
from helpers.bridge.context import Context, writes
from helpers.bridge.python import ADD, AND, COMPARE, MUL, OR, UNARY, Py, binary, call, method, quoted
from helpers.bridge.refusal import refuse
from helpers.bridge.types import type_of, type_text

_BINARY: dict[type[exp.Expr], tuple[str, int]] = {
    exp.Add: ("+", ADD), exp.Sub: ("-", ADD), exp.Mul: ("*", MUL), exp.Div: ("/", MUL), exp.Mod: ("%", MUL),
    exp.EQ: ("==", COMPARE), exp.NEQ: ("!=", COMPARE), exp.GT: (">", COMPARE), exp.GTE: (">=", COMPARE),
    exp.LT: ("<", COMPARE), exp.LTE: ("<=", COMPARE),
}  # fmt: skip
_LIKE: dict[type[exp.Expr], str] = {exp.Like: "like", exp.ILike: "ilike", exp.RegexpLike: "rlike"}
_FLIPPED = {exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ}


@writes(exp.Column)
def column(ctx: Context, node: exp.Expr) -> Py:
    """A column: plain, told by its table's alias where two offer the name, or one of an outer query."""
    assert isinstance(node, exp.Column)
    parts = [part.name for part in node.parts]
    if parts[0].lower() in ctx.lambdas:
        text = parts[0]
        return Py("".join([text, *(f"[{part!r}]" for part in parts[1:])]))
    if len(parts) == 1 and ctx.grouped and parts[0].lower() in ctx.outputs:
        return _named([ctx.outputs[parts[0].lower()]])
    found = ctx.scope.find(node)
    if found.depth:
        scope = ctx.scope
        for _ in range(found.depth):
            scope.correlated = True
            hiding = any(one.find(found.field.name) for one in scope.sources)
            if hiding and not (found.source and found.source.qualified):
                raise refuse(node, f"The column {node.sql('spark')} of an outer query",
                             "a table of the subquery offers, or may offer, the same name",
                             "write the outer table's alias before it, and give the schema")  # fmt: skip
            assert scope.parent is not None
            scope = scope.parent
    elif ctx.grouped:
        raise refuse(node, f"The column {node.sql('spark')}", "it is neither grouped nor inside an aggregate",
                     "add it to GROUP BY or take any_value() of it")  # fmt: skip
    told = len(parts) - len(found.path) > 1
    before = [found.source.alias] if found.source and found.source.qualified and told else []
    one = _named([*before, found.field.name, *found.path])
    return Py(f"{one.text}.outer()", told=False) if found.depth else one


def _named(parts: list[str]) -> Py:
    name = ".".join(quoted(part) for part in parts)
    return Py(f"F.col({name!r})", name=name)


@writes(exp.Identifier)
def identifier(ctx: Context, node: exp.Expr) -> Py:
    """A name bound by a lambda."""
    if node.name.lower() in ctx.lambdas:
        return Py(node.name)
    return column(ctx, exp.column(node.copy()))


@writes(exp.Literal)
def literal(ctx: Context, node: exp.Expr) -> Py:
    """A number or a text."""
    assert isinstance(node, exp.Literal)
    return literals.literal(node, ctx.program.imports)


@writes(exp.RawString)
def raw(ctx: Context, node: exp.Expr) -> Py:
    """A text without escapes, r'...'."""
    return literals.value(repr(node.this))


@writes(exp.HexString)
def hexadecimal(ctx: Context, node: exp.Expr) -> Py:
    """A binary constant."""
    assert isinstance(node, exp.HexString)
    return literals.binary_text(node)


@writes(exp.Null)
def null(ctx: Context, node: exp.Expr) -> Py:
    """NULL."""
    return literals.value("None")


@writes(exp.Boolean)
def boolean(ctx: Context, node: exp.Expr) -> Py:
    """TRUE or FALSE."""
    return literals.value(str(bool(node.this)))


@writes(exp.Paren)
def paren(ctx: Context, node: exp.Expr) -> Py:
    """Parentheses are written where Python needs them."""
    return ctx.code(node.this)


@writes(*_BINARY)
def operator(ctx: Context, node: exp.Expr) -> Py:
    """Arithmetic and comparison."""
    from helpers.bridge.dates import with_interval
    from helpers.bridge.subqueries import quantified

    dated = with_interval(ctx, node) if isinstance(node, exp.Add | exp.Sub) else quantified(ctx, node)
    if dated is not None:
        return dated
    left, right = _beside(ctx, node.this, node.expression), _beside(ctx, node.expression, node.this)
    sign, level = _BINARY[type(node)]
    if left.kind == right.kind == "value" and sign in "+-*" and _small(left, right):
        return Py(f"{left.inside(level)} {sign} {right.inside(level + 1)}", level, "value", told=False)
    if left.text == "None":
        left = left.column()
    if right.text == "None":
        right = right.column()
    made = binary(left, sign, right, level)
    # Python turns `1 < column` round, and Spark's name for the result with it.
    return made.untold() if left.kind == "value" and type(node) in _FLIPPED else made


def _beside(ctx: Context, node: exp.Expr, other: exp.Expr) -> Py:
    """An operand: a decimal constant beside a double is a plain number, which Spark makes of it."""
    code = ctx.code(node)
    plain = code.double()
    # Behind SELECT a name may mean a column of its list, and no longer the table's.
    behind = ctx.outputs and not ctx.grouped
    return plain if plain != code and not behind and type_of(ctx, other) in ("double", "float") else code


def _small(left: Py, right: Py) -> bool:
    """Whether Python computes with the two whole numbers as Spark does: an INT of Spark's overflows."""
    digits = [one.text.lstrip("-") for one in (left, right)]
    return (
        all(one.isdigit() and len(one) < 10 for one in digits) and int(digits[0]) * int(digits[1]) < literals.INT_MAX
    )


@writes(exp.IntDiv)
def whole(ctx: Context, node: exp.Expr) -> Py:
    """DIV."""
    arguments = [ctx.code(node.this).column().text, ctx.code(node.expression).column().text]
    return call("F.call_function", ["'div'", *arguments])


@writes(exp.And, exp.Or)
def connective(ctx: Context, node: exp.Expr) -> Py:
    """AND, OR: a long chain without deep recursion."""
    sign, level = ("&", AND) if isinstance(node, exp.And) else ("|", OR)
    items: list[exp.Expr] = []
    here: exp.Expr = node
    while type(here) is type(node):
        items.append(here.expression)
        here = here.this
    codes = [ctx.code(one).column() for one in [here, *reversed(items)]]
    text = f" {sign} ".join([codes[0].inside(level), *(one.inside(level + 1) for one in codes[1:])])
    return Py(text, level, told=all(one.told for one in codes))


@writes(exp.Xor)
def either(ctx: Context, node: exp.Expr) -> Py:
    """XOR of two conditions."""
    raise refuse(node, "XOR", "Spark has no such operator on conditions", "write a != b")


@writes(exp.Not)
def negation(ctx: Context, node: exp.Expr) -> Py:
    """NOT."""
    inner = node.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return method(ctx.code(inner.this), "isNotNull", [])
    one = ctx.code(inner).column()
    return Py(f"~{one.inside(UNARY)}", UNARY, told=one.told)


@writes(exp.Neg)
def minus(ctx: Context, node: exp.Expr) -> Py:
    """A minus before a number or an expression."""
    return literals.negative(ctx.code(node.this))


@writes(exp.Is)
def is_(ctx: Context, node: exp.Expr) -> Py:
    """IS NULL, IS TRUE, IS FALSE."""
    left = ctx.code(node.this)
    if isinstance(node.expression, exp.Null):
        return method(left, "isNull", [])
    if isinstance(node.expression, exp.Boolean):
        return method(left, "eqNullSafe", [str(bool(node.expression.this))], told=False)
    raise refuse(node, node.sql("spark"), "only IS NULL, IS TRUE and IS FALSE are known")


@writes(exp.NullSafeEQ, exp.NullSafeNEQ)
def null_safe(ctx: Context, node: exp.Expr) -> Py:
    """<=>, IS [NOT] DISTINCT FROM."""
    same = method(ctx.code(node.this), "eqNullSafe", [ctx.code(node.expression).text])
    return Py(f"~{same.text}", UNARY, told=same.told) if isinstance(node, exp.NullSafeNEQ) else same


@writes(exp.Between)
def between(ctx: Context, node: exp.Expr) -> Py:
    """BETWEEN."""
    low, high = (_beside(ctx, node.args[side], node.this).text for side in ("low", "high"))
    return method(ctx.code(node.this), "between", [low, high], told=False)


@writes(exp.DPipe)
def joined(ctx: Context, node: exp.Expr) -> Py:
    """||, which joins texts, binaries and arrays."""
    parts: list[exp.Expr] = []
    here: exp.Expr = node
    while isinstance(here, exp.DPipe):
        parts.append(here.expression)
        here = here.this
    return call("F.concat", [ctx.code(one).short() for one in [here, *reversed(parts)]], told=len(parts) == 1)


@writes(exp.Case)
def case(ctx: Context, node: exp.Expr) -> Py:
    """CASE, of conditions or of one value."""
    text, told = "F", True
    for one in node.args["ifs"]:
        test = one.this if node.this is None else exp.EQ(this=node.this.copy(), expression=one.this.copy())
        condition, result = ctx.code(test).column(), ctx.code(one.args["true"]).exact()
        told = told and condition.told and result.told
        text += f".when({condition.text}, {result.text})"
    default = node.args.get("default")
    if isinstance(default, exp.Null):
        # NULL is what no branch gives anyway; only the name that Spark makes up tells the two apart.
        told = False
    elif default is not None:
        result = ctx.code(default).exact()
        told = told and result.told
        text += f".otherwise({result.text})"
    return Py(text, told=told)


@writes(exp.If)
def if_(ctx: Context, node: exp.Expr) -> Py:
    """IF(condition, one, other)."""
    text = f"F.when({ctx.code(node.this).column().text}, {ctx.code(node.args['true']).exact().text})"
    other = node.args.get("false")
    return Py(f"{text}.otherwise({ctx.code(other).exact().text})" if other is not None else text, told=False)


@writes(exp.Cast, exp.TryCast)
def cast(ctx: Context, node: exp.Expr) -> Py:
    """CAST, TRY_CAST, `::` and typed constants such as DATE '2024-02-29'."""
    inner, kind = node.this, type_text(node.args["to"])
    if isinstance(inner, exp.Literal) and inner.is_string and kind == "date" and not node.args.get("safe"):
        constant = literals.day(node, ctx.program.imports)  # type: ignore[arg-type]
        if constant is not None:
            return constant
    if isinstance(inner, exp.Interval):
        raise refuse(node, node.sql("spark"), "casts of intervals are not known")
    if kind == "double" and isinstance(inner, exp.Literal) and not inner.is_string and not node.args.get("safe"):
        return literals.value(repr(float(inner.this)), told=False)
    name = "try_cast" if node.args.get("safe") else "cast"
    return method(ctx.code(inner), name, [repr(kind)], told=False)


@writes(exp.Like, exp.ILike, exp.RegexpLike, exp.Escape)
def like(ctx: Context, node: exp.Expr) -> Py:
    """LIKE, ILIKE and RLIKE, with ANY or ALL, ESCAPE, and NOT."""
    escape = None
    if isinstance(node, exp.Escape):
        escape, node = node.expression, node.this
    name = _LIKE[type(node)]
    target, pattern = ctx.code(node.this), node.expression
    if isinstance(pattern, exp.Any | exp.All):
        group = pattern.this.this if isinstance(pattern.this, exp.Paren) else pattern.this
        no = "~" if node.args.get("negate") else ""
        tests = [no + method(target, name, [ctx.code(one).text]).text for one in group.expressions or [group]]
        sign, level = (" | ", OR) if isinstance(pattern, exp.Any) else (" & ", AND)
        return Py(sign.join(tests), level, told=False)
    code = ctx.code(pattern)
    if escape is not None or code.kind == "column":
        more = [ctx.code(escape).column().text] if escape is not None else []
        made = call(f"F.{name}", [target.short(), code.column().text, *more])
    else:
        made = method(target, name, [code.text])
    return Py(f"~{made.inside(UNARY)}", UNARY, told=made.told) if node.args.get("negate") else made
