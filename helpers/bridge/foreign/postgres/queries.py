"""PostgreSQL's queries: DISTINCT ON, ties, grouped keys, locks, windows."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.aggregates import NAMES
from helpers.bridge.foreign import levels, pieces
from helpers.bridge.foreign.ordering import meant
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse


def select(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A SELECT: locks do nothing here, ties and DISTINCT ON become ranks, columns that depend on a key are keys."""
    assert isinstance(node, exp.Select)
    locks = node.args.get("locks") or []
    if any(one.args.get("wait") is False for one in locks):
        raise refuse(node, "FOR UPDATE SKIP LOCKED", "which rows are locked is not known to a DataFrame")
    node.set("locks", None)
    _tied(node)
    pieces.limited(reading, node)
    _depending(reading, node)
    _first_of_each(node)
    return None


def _tied(node: exp.Select) -> None:
    """FETCH FIRST n ROWS WITH TIES: those whose rank is n at most."""
    limit, order = node.args.get("limit"), node.args.get("order")
    options = limit.args.get("limit_options") if isinstance(limit, exp.Fetch) else None
    if limit is None or options is None or not options.args.get("with_ties"):
        return
    count = limit.args.get("count")
    number = 1 if count is None else pieces.number(count)
    if (
        order is None
        or number is None
        or node.args.get("offset") is not None
        or node.args.get("distinct") is not None
    ):
        raise refuse(node, "FETCH WITH TIES", "it is known of a constant number, without OFFSET and DISTINCT",
                     "filter by rank() OVER (ORDER BY ...) <= n")  # fmt: skip
    window = exp.Window(this=exp.Rank(), order=exp.Order(expressions=[meant(node, one) for one in order.expressions]))
    node.set("limit", None)
    node.set("qualify", exp.Qualify(this=exp.LTE(this=window, expression=exp.Literal.number(number))))


def _depending(reading: Reader, node: exp.Expr) -> None:
    """Columns beside a grouped primary key become keys as well: they are the same in the whole group."""
    group = node.args.get("group")
    if group is None or not group.expressions or any(group.args.get(key) for key in ("rollup", "cube", "all")):
        return
    keys = list(group.expressions)
    if any(isinstance(one, exp.Cube | exp.Rollup | exp.GroupingSets) for one in keys):
        return
    texts = {one.sql() for one in keys}
    names = {one.name for one in keys if isinstance(one, exp.Column) and not one.table}
    by_place = {pieces.number(one) for one in keys}
    grouped = {_source(reading, node, one) for one in keys if isinstance(one, exp.Column)} - {None}
    items = [one for place, one in enumerate(_selects(node), 1) if place not in by_place and one.alias not in names]
    having, order = node.args.get("having"), node.args.get("order")
    given = {one.alias for one in _selects(node)}
    for part in [*items, having, order]:
        for column in _loose(part, texts) if part is not None else ():
            if part is order and column.name in given and not column.table:
                continue
            if column.name not in names and _source(reading, node, column) in grouped:
                group.append("expressions", column.copy())
                texts.add(column.sql())


def _loose(node: exp.Expr, keys: set[str]) -> list[exp.Column]:
    """The columns of an expression that stand in no aggregate, no subquery and no key."""
    bare = node.this if isinstance(node, exp.Alias) else node
    if isinstance(bare, exp.AggFunc | exp.Query | exp.Subquery | exp.Filter | exp.WithinGroup) or bare.sql() in keys:
        return []
    if isinstance(bare, exp.Anonymous) and str(bare.this).lower() in NAMES:
        return []
    if isinstance(bare, exp.Column):
        return [] if bare.is_star else [bare]
    return [column for child in bare.iter_expressions() for column in _loose(child, keys)]


def _selects(node: exp.Expr) -> list[exp.Expr]:
    return list(node.selects) if isinstance(node, exp.Select) else []


def _source(reading: Reader, node: exp.Expr, column: exp.Column) -> str | None:
    if column.table:
        return column.table
    sources = reading.names.sources(node)
    if len(sources) == 1:
        return next(iter(sources))
    return next((alias for alias, fields in sources.items() if any(one.name == column.name for one in fields)), None)


def _first_of_each(node: exp.Select) -> None:
    """DISTINCT ON (k) ... ORDER BY k, o: the first row of each k."""
    distinct = node.args.get("distinct")
    if distinct is None or not distinct.args.get("on"):
        return
    on = distinct.args["on"]
    given = on.expressions if isinstance(on, exp.Tuple) else [on.this if isinstance(on, exp.Paren) else on]
    keys = [meant(node, exp.Ordered(this=one.copy())).this for one in given]
    order = node.args.get("order")
    texts = {one.sql() for one in keys}
    items = [meant(node, one) for one in (order.expressions if order is not None else [])]
    rest = [one for one in items if one.this.sql() not in texts]
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


def grouping(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GROUPING of several keys: a bit for each, the last one counts 1."""
    return levels.whole(node) if len(node.expressions) > 1 else None


def window(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A window: frames of GROUPS without numbers are those of RANGE; a left out row splits a frame of ROWS."""
    spec = node.args.get("spec")
    if spec is None:
        return None
    bounds = [spec.args.get("start"), spec.args.get("end")]
    if str(spec.args.get("kind")).upper() == "GROUPS":
        if any(isinstance(one, exp.Expr) for one in bounds):
            raise refuse(node, "A frame of so many GROUPS", "Spark has frames of ROWS and RANGE only",
                         "number the groups by dense_rank() in a subquery, and order by it with RANGE")  # fmt: skip
        spec.set("kind", "RANGE")
    left_out = spec.args.get("exclude")
    if left_out is None:
        return None
    spec.set("exclude", None)
    words = left_out.name.upper()
    if words == "NO OTHERS":
        return None
    if words != "CURRENT ROW" or str(spec.args.get("kind")).upper() != "ROWS":
        raise refuse(node, f"EXCLUDE {words}", "Spark has no such frame")
    return _without_row(node, spec)


def _without_row(node: exp.Expr, spec: exp.Expr) -> exp.Expr | None:
    """The rows before the current one and those behind it, each in a window of its own."""
    ends = [str(spec.args.get(f"{end}_side") or "").lower() for end in ("start", "end")]
    if ends[0] == "following" or ends[1] == "preceding":
        return None
    one = exp.Literal.number(1)
    frames = []
    if ends[0] == "preceding":
        frames.append({"start": spec.args["start"], "start_side": "PRECEDING", "end": one, "end_side": "PRECEDING"})
    if ends[1] == "following":
        frames.append({"start": one, "start_side": "FOLLOWING", "end": spec.args["end"], "end_side": "FOLLOWING"})
    made: list[exp.Expr] = []
    for frame in frames:
        copy = node.copy()
        parts = {key: value.copy() if isinstance(value, exp.Expr) else value for key, value in frame.items()}
        copy.set("spec", exp.WindowSpec(kind="ROWS", **parts))
        made.append(copy)
    function = node.this.this if isinstance(node.this, exp.Filter) else node.this
    if not made or not isinstance(function, exp.Sum | exp.Count | exp.Min | exp.Max):
        raise refuse(node, "EXCLUDE CURRENT ROW", "it is known of sum, count, min and max")
    if len(made) == 1:
        return made[0]
    if isinstance(function, exp.Min | exp.Max):
        return call("least" if isinstance(function, exp.Min) else "greatest", *made)
    both = exp.Add(this=made[0], expression=made[1])
    if isinstance(function, exp.Count):
        return exp.Paren(this=both)
    return exp.Coalesce(this=both, expressions=[one.copy() for one in made])


def join(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """JOIN binds before a comma there; in Spark both go from left to right."""
    source = node.this.this if isinstance(node.this, exp.Lateral) else node.this
    if isinstance(source, exp.Unnest | exp.ExplodingGenerateSeries) and node.text("side"):
        raise refuse(node, f"{node.text('side')} JOIN of unnest()", "rows without elements would be lost",
                     "join a subquery that unnests")  # fmt: skip
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
