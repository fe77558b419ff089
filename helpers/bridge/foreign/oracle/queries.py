"""Oracle's SELECT: DUAL, levels made of nothing, limits with ties, locks, names whatever their case, PIVOT."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.oracle import rows
from helpers.bridge.foreign.oracle.dates import folded
from helpers.bridge.foreign.oracle.joins import old_joins
from helpers.bridge.foreign.ordering import meant
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse


def select(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ROWNUM, (+), CONNECT BY, DUAL, FETCH, FOR UPDATE."""
    assert isinstance(node, exp.Select)
    if node.args.get("locks"):
        reading.note("FOR UPDATE was left out: it locks rows, and changes none of the answer.")
        node.set("locks", None)
    if node.args.get("connect"):
        _levels(reading, node)
    _no_dual(node)
    old_joins(reading, node)
    rows.numbered(reading, node)
    _nested(node)
    _fetched(reading, node)
    return None


def _nested(node: exp.Select) -> None:
    """MAX(COUNT(*)) with GROUP BY: the outer aggregate is one of all groups, which a derived table gives."""
    nested = [one for item in node.selects for one in item.find_all(exp.AggFunc) if _within_another(one, node)]
    if not nested:
        return
    keys = list(node.args["group"].expressions) if node.args.get("group") is not None else []
    if not keys or node.args.get("order") is not None or node.find(exp.Window):
        raise refuse(node, "An aggregate of an aggregate", "without GROUP BY, with ORDER BY or beside windows it "
                     "is not known which rows it is of", "aggregate a derived table with GROUP BY")  # fmt: skip
    made: list[exp.Expr] = []
    for one in nested:
        name = f"value_{len(made) + 1}"
        made.append(exp.alias_(one.copy(), name))
        one.replace(exp.column(name))
    kept = {
        key: node.args[key] for key in ("from_", "joins", "where", "group", "having", "connect") if node.args.get(key)
    }
    inner = exp.Select(expressions=made, **kept)
    for key in kept:
        node.set(key, None)
    alias = exp.TableAlias(this=exp.to_identifier("grouped"))
    node.set("from_", exp.From(this=exp.Subquery(this=inner, alias=alias)))


def _within_another(node: exp.Expr, select: exp.Select) -> bool:
    """Whether an aggregate stands in another one of the same SELECT, which is of no window."""
    outer = node.find_ancestor(exp.AggFunc, exp.Select)
    if outer is None or isinstance(outer, exp.Select) or node.find_ancestor(exp.Select) is not select:
        return False
    return not isinstance(outer.find_ancestor(exp.Window, exp.Select), exp.Window)


def _no_dual(node: exp.Expr) -> None:
    """DUAL has one row: it makes no difference to a product."""
    origin, joins = node.args.get("from_"), node.args.get("joins") or []
    plain = [one for one in joins if not any(one.args.get(key) for key in ("on", "using", "side", "method"))]
    node.set("joins", [one for one in joins if not (one in plain and _is_dual(one.this))])
    if origin is None or not _is_dual(origin.this):
        return
    rest = node.args.get("joins") or []
    if not rest:
        node.set("from_", None)
    elif rest[0] in plain and not isinstance(rest[0].this, exp.Lateral):
        node.set("from_", exp.From(this=rest[0].this.copy()))
        node.set("joins", rest[1:])


def _is_dual(node: exp.Expr) -> bool:
    return isinstance(node, exp.Table) and node.name.lower() == "dual"


def _levels(reading: Reader, node: exp.Expr) -> None:
    """SELECT ... FROM dual CONNECT BY LEVEL <= n: the numbers from 1."""
    connect, origin = node.args["connect"], node.args.get("from_")
    test = connect.args.get("connect")
    named = test.this.name.lower() if isinstance(test, exp.LTE | exp.LT) else ""
    most = folded(test.expression) if named in ("level", "rownum") else None
    others = connect.args.get("start") or node.args.get("joins") or node.args.get("where")
    if most is None or others or origin is None or not _is_dual(origin.this):
        raise refuse(node, "CONNECT BY", "Spark has no hierarchies", "write a loop that joins level by level")
    # The first row is there whatever the condition.
    count = max(1, int(-(-most // 1) - 1 if isinstance(test, exp.LT) else most // 1))
    for one in list(node.find_all(exp.Column, exp.Pseudocolumn)):
        if one.name.lower() in ("level", "rownum") and not one.text("table") and \
                one.find_ancestor(exp.Select) is node:  # fmt: skip
            made: exp.Expr = exp.column("level")
            if one.parent is node:
                made = exp.alias_(made, one.name)
            one.replace(made)
    node.set("connect", None)
    source = exp.Select(expressions=[exp.alias_(call("explode", call("sequence", 1, count)), "level")])
    node.set(
        "from_", exp.From(this=exp.Subquery(this=source, alias=exp.TableAlias(this=exp.to_identifier("levels"))))
    )
    reading.note("CONNECT BY LEVEL became the numbers from 1 to the limit.")


def _fetched(reading: Reader, node: exp.Select) -> None:
    """FETCH FIRST n ROWS WITH TIES, or n PERCENT ROWS: a filter by the rank or the number in the order."""
    limit = node.args.get("limit")
    options = limit.args.get("limit_options") if limit is not None else None
    ties, percent = (options is not None and options.args.get(key) for key in ("with_ties", "percent"))
    order = node.args.get("order")
    if limit is None or options is None or not (ties or percent):
        if isinstance(limit, exp.Fetch) and limit.args.get("count") is None:
            limit.set("count", exp.Literal.number(1))
        return
    if ties and not percent and order is None:
        options.set("with_ties", False)
        return
    count = folded(limit.args.get("count") or exp.Literal.number(1))
    if order is None or count is None or any(node.args.get(key) for key in ("offset", "distinct", "qualify")):
        raise refuse(node, "A limit WITH TIES or in PERCENT", "without ORDER BY, or beside OFFSET or DISTINCT, it is "
                     "not told which rows they are", "filter by rank() OVER (ORDER BY ...) <= n")  # fmt: skip
    if ties and percent:
        raise refuse(node, "A limit WITH TIES in PERCENT", "the bridge has no code for both at once")
    keys = [meant(node, item) for item in order.expressions]
    window = exp.Window(this=exp.Rank() if ties else exp.RowNumber(), order=exp.Order(expressions=keys), over="OVER")
    most: exp.Expr = (
        exp.Literal.number(limit.args["count"].name) if limit.args.get("count") else exp.Literal.number(1)
    )
    if percent:
        every = exp.Window(this=exp.Count(this=exp.Star()), over="OVER")
        share = exp.Div(this=exp.Mul(this=every, expression=most), expression=exp.Literal.number(100))
        most = call("ceil", share)
    node.set("limit", None)
    node.set("qualify", exp.Qualify(this=exp.LTE(this=window, expression=most)))


def pivoted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """PIVOT: unnamed texts give names in quotes; a COUNT of nothing is 0, so it becomes aggregates of cases."""
    field = node.args["fields"][0]
    if node.args.get("unpivot"):
        _told(node, field)
        return None
    for one in list(field.expressions):
        if isinstance(one, exp.Literal) and one.is_string:
            name = exp.to_identifier(f"'{one.this}'", quoted=True)
            one.replace(exp.PivotAlias(this=one.copy(), alias=name))
    if not any(one.find(exp.Count) for one in node.expressions):
        return None
    source = node.parent
    inner = source.this if isinstance(source, exp.Subquery) else None
    known = isinstance(inner, exp.Select) and not any(one.is_star for one in inner.selects)
    if not known or len(node.args["fields"]) != 1 or not isinstance(field.this, exp.Column) or source is None:
        raise refuse(node, "COUNT in a PIVOT", "it gives 0 for no rows, and Spark's NULL",
                     "select the columns by name in a derived table first")  # fmt: skip
    assert isinstance(inner, exp.Select)
    used = {one.name.lower() for part in node.expressions for one in part.find_all(exp.Column)}
    used.add(field.this.name.lower())
    keys = [one.alias_or_name for one in inner.selects if one.alias_or_name.lower() not in used]
    items: list[exp.Expr] = [exp.column(one) for one in keys]
    for value in field.expressions:
        plain = value.this if isinstance(value, exp.PivotAlias) else value
        for part in node.expressions:
            made = _case(node, part.unalias(), field.this, plain)
            text = value.args["alias"].name if isinstance(value, exp.PivotAlias) else plain.name
            text += f"_{part.alias}" if part.alias else ("" if len(node.expressions) == 1 else "_?")
            if text.endswith("_?"):
                raise refuse(node, "A PIVOT of several aggregates", "its columns have no names of their own")
            items.append(exp.alias_(made, exp.to_identifier(text, quoted=not text.isidentifier())))
    query = exp.Select(expressions=items, from_=exp.From(this=exp.Subquery(this=inner.copy(),
        alias=exp.TableAlias(this=exp.to_identifier("pivoted")))))  # fmt: skip
    if keys:
        query.set("group", exp.Group(expressions=[exp.column(one) for one in keys]))
    alias = node.args.get("alias")
    source.set("this", query)
    source.set("pivots", None)
    if alias is not None:
        source.set("alias", alias.copy())
    return None


def _told(node: exp.Expr, field: exp.Expr) -> None:
    """What an unpivoted column is told by: its name in upper case, unless another text is given."""
    for one in list(field.expressions):
        if isinstance(one, exp.PivotAlias) and not (isinstance(one.args["alias"], exp.Literal) and
                                                    one.args["alias"].is_string):  # fmt: skip
            raise refuse(node, "UNPIVOT with another name than a text", "Spark tells columns by texts")
        if isinstance(one, exp.Column):
            name = one.name if one.this.args.get("quoted") else one.name.upper()
            one.replace(exp.PivotAlias(this=one.copy(), alias=exp.Literal.string(name)))


def _case(node: exp.Expr, part: exp.Expr, column: exp.Expr, value: exp.Expr) -> exp.Expr:
    """The aggregate over the rows where the column has the value."""
    if not isinstance(part, exp.Count | exp.Sum | exp.Min | exp.Max | exp.Avg) or isinstance(part.this, exp.Distinct):
        raise refuse(node, f"{part.sql('oracle')[:40]} beside COUNT in a PIVOT", "the bridge has no code for it")
    counted = exp.Literal.number(1) if isinstance(part.this, exp.Star) else part.this.copy()
    test = exp.EQ(this=column.copy(), expression=value.copy())
    return type(part)(this=exp.Case(ifs=[exp.If(this=test, true=counted)]))
