"""GROUP BY and HAVING: keys, aggregates, and what their columns are called afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlglot import exp

from helpers.bridge.aggregates import aggregates
from helpers.bridge.aggregates import own as own_nodes
from helpers.bridge.aliases import span
from helpers.bridge.comments import above, lines_in
from helpers.bridge.context import Context, canonical
from helpers.bridge.items import Item
from helpers.bridge.joins import conjunction, conjuncts
from helpers.bridge.program import Frame
from helpers.bridge.python import Py
from helpers.bridge.refusal import refuse


@dataclass
class Keys:
    """The keys of a grouping. sets: for GROUPING SETS, the places of the keys in each set."""

    nodes: list[exp.Expr]
    way: str = "groupBy"
    sets: list[list[int]] = field(default_factory=list)


SEVERAL = (exp.Rollup, exp.Cube, exp.GroupingSets)
"""The groupings of more than one set."""


@dataclass
class Grouped:
    """What grouping leaves: the context to write later clauses in, and each item's column ("" = computed later)."""

    ctx: Context
    columns: list[str]
    finished: bool


def is_grouped(select: exp.Select, items: list[Item]) -> bool:
    """Whether the SELECT aggregates."""
    if select.args.get("group") or select.args.get("having"):
        return True
    order = select.args.get("order")
    return any(aggregates(one.node) for one in items) or bool(order and aggregates(order))


def as_grouped(ctx: Context, select: exp.Select, items: list[Item]) -> list[Item]:
    """The items, those of columns named in the very letters that ROLLUP, CUBE or GROUPING SETS has: so Spark does."""
    group = select.args.get("group")
    if group is None or group.find(*SEVERAL) is None:
        return items
    names = {canonical(one, ctx.scope): one.name for one in group.find_all(exp.Column)}
    return [
        item
        if item.aliased or not isinstance(item.node, exp.Column)
        else replace(item, name=names.get(canonical(item.node, ctx.scope), item.name))
        for item in items
    ]


def grouped(ctx: Context, frame: Frame, select: exp.Select, items: list[Item], more: list[exp.Expr]) -> Grouped:
    """Adds the grouping to the chain.

    more: expressions of ORDER BY and QUALIFY, which may aggregate on their own.
    """
    keys = _with_constants(ctx, _keys(ctx, select, items), items)
    canon = [canonical(one, ctx.scope) for one in keys.nodes]
    own = {text: index for index, text in reversed(list(enumerate(canon)))}
    having = select.args["having"].this if select.args.get("having") else None
    names = _Names()
    columns = [""] * len(items)
    key_names = [""] * len(canon)
    places = [own.get(canonical(item.node, ctx.scope)) for item in items]
    for index, item in enumerate(items):
        place = places[index]
        if place is not None and not key_names[place]:
            key_names[place] = names.take(item.name)
    for place, node in enumerate(keys.nodes):
        if not key_names[place]:
            key_names[place] = names.take(node.name if isinstance(node, exp.Column) else span(node) or "key")
    writing = replace(ctx, groups={}) if keys.way == "groupBy" else ctx
    results: list[str] = []
    aggregated: list[str] = []
    behind: list[exp.Expr] = []
    mapping = dict(zip(canon, key_names, strict=True))
    for index, item in enumerate(items):
        place = places[index]
        if place is not None:
            columns[index] = key_names[place]
            continue
        if having is not None and any(isinstance(one, exp.Window) for one in own_nodes(item.node)):
            # A window sees the groups that HAVING leaves: it is written after the filter.
            behind.append(item.node)
            continue
        if names.taken(item.name) and _of_keys(item.node):
            # A column has the name already, mostly a key: the item is computed where that column goes.
            continue
        columns[index] = names.take(item.name)
        mapping.setdefault(canonical(item.node, ctx.scope), columns[index])
        aggregated.append(columns[index])
        results.append(item.code(writing, columns[index], referred=True))
    later = [*([having] if having is not None else []), *more, *behind]
    for node in [one for part in later for one in aggregates(part)]:
        text = canonical(node, ctx.scope)
        if text not in mapping and not _made(ctx, node, mapping):
            mapping[text] = names.take(_wanted(node))
            aggregated.append(mapping[text])
            results.append(f"{writing.code(node).text}.alias({mapping[text]!r})")
    _step(ctx, frame, keys, key_names, results)
    if keys.nodes and (said := lines_in(select.args.get("group"))):
        frame.steps[-2] = above(frame.steps[-2], said)
    outputs = {item.name.lower(): columns[index] for index, item in enumerate(items) if columns[index]}
    after = replace(ctx, groups=mapping, outputs=outputs, grouped=True)
    if having is not None:
        frame.step("where", conjunction(after, conjuncts(having)), comments=lines_in(select.args["having"]))
    written = [*key_names, *aggregated]
    wanted = [item.name for item in items]
    return Grouped(after, columns, finished=written == wanted and columns == wanted)


class _Names:
    """Names of columns, none twice whatever their case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def taken(self, name: str) -> bool:
        return name.lower() in self._taken

    def take(self, wanted: str) -> str:
        name, count = wanted, 1
        while name.lower() in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name.lower())
        return name


def _made(ctx: Context, node: exp.Expr, mapping: dict[str, str]) -> bool:
    """Whether an aggregate is part of an expression that is a column already."""
    above, inside = node.parent, (exp.Binary, exp.Unary, exp.Cast, exp.Case, exp.If, exp.Anonymous)
    while isinstance(above, inside):
        if canonical(above, ctx.scope) in mapping:
            return True
        above = above.parent
    return False


def _of_keys(node: exp.Expr) -> bool:
    """Whether an item is computed of the keys alone, by nothing that a later step would see otherwise."""
    return not aggregates(node) and not any(isinstance(one, exp.Query | exp.Window) for one in own_nodes(node))


def _wanted(node: exp.Expr) -> str:
    call = next((one for one in node.walk() if isinstance(one, exp.Anonymous)), None)
    column = next((one.name for one in node.walk() if isinstance(one, exp.Column)), "")
    name = str(call.this).lower() if call is not None else "value"
    return f"{name}_{column}" if column else name


def _keys(ctx: Context, select: exp.Select, items: list[Item]) -> Keys:
    group = select.args.get("group")
    if group is None:
        return Keys([])
    if group.args.get("all"):
        return Keys([one.node for one in items if not aggregates(one.node)])
    nodes: list[exp.Expr] = []
    parts: list[list[list[int]]] = []
    kinds: set[str] = set()

    def place(node: exp.Expr) -> int:
        found = _key(ctx, node, items)
        text = canonical(found, ctx.scope)
        for index, one in enumerate(nodes):
            if canonical(one, ctx.scope) == text:
                return index
        nodes.append(found)
        return len(nodes) - 1

    behind = group.args.get("grouping_sets") or []
    if behind:
        # GROUP BY a, b GROUPING SETS (...): the sets say all, the list only which columns there are.
        for one in group.expressions:
            place(one)
    for one in behind or group.expressions:
        kinds.add(type(one).__name__ if isinstance(one, SEVERAL) else "")
        parts.append(_sets(one, place))
    if group.args.get("rollup") or group.args.get("cube"):
        # The older spelling: GROUP BY a, b WITH ROLLUP.
        return Keys(nodes, "rollup" if group.args.get("rollup") else "cube")
    if kinds <= {""}:
        return Keys(nodes)
    first = group.expressions[0]
    if (
        len(group.expressions) == 1
        and kinds <= {"Rollup", "Cube"}
        and not any(isinstance(one, exp.Tuple) for one in first.expressions)
    ):
        return Keys(nodes, "rollup" if isinstance(first, exp.Rollup) else "cube")
    product: list[list[int]] = [[]]
    for part in parts:
        product = [[*left, *(one for one in right if one not in left)] for left in product for right in part]
    return Keys(nodes, "groupingSets", product)


def _with_constants(ctx: Context, keys: Keys, items: list[Item]) -> Keys:
    """The keys, and among them the constants of SELECT if its columns then come in the order that grouping gives."""
    if keys.way != "groupBy":
        return keys
    canon = [canonical(one, ctx.scope) for one in keys.nodes]
    texts = [canonical(item.node, ctx.scope) for item in items]
    count = 1 + max((index for index, text in enumerate(texts) if text in canon), default=-1)
    first = items[:count]
    constants = [item for item in first if _text(item.node)]
    others = [text for item, text in zip(first, texts, strict=False) if not _text(item.node)]
    if others != canon or len(set(texts[:count])) < count or not constants:
        return keys
    return Keys([item.node for item in first])


def _text(node: exp.Expr) -> bool:
    # A number among the keys could mean the place of an item.
    return isinstance(node, exp.Literal) and node.is_string


def _sets(node: exp.Expr, place: object) -> list[list[int]]:
    assert callable(place)

    def members(one: exp.Expr) -> list[int]:
        if isinstance(one, exp.Tuple):
            return [place(inner) for inner in one.expressions]
        return [place(one.this if isinstance(one, exp.Paren) else one)]

    if isinstance(node, exp.GroupingSets):
        return [
            one
            for inner in node.expressions
            for one in (_sets(inner, place) if isinstance(inner, exp.Rollup | exp.Cube) else [members(inner)])
        ]
    if isinstance(node, exp.Rollup | exp.Cube):
        units = [members(one) for one in node.expressions]
        if isinstance(node, exp.Rollup):
            return [[one for unit in units[:count] for one in unit] for count in range(len(units), -1, -1)]
        masks = range(2 ** len(units) - 1, -1, -1)
        return [
            [one for index, unit in enumerate(units) if mask >> (len(units) - 1 - index) & 1 for one in unit]
            for mask in masks
        ]
    return [[place(node)]]


def _key(ctx: Context, node: exp.Expr, items: list[Item]) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Literal) and node.is_int:
        index = int(node.this) - 1
        if not 0 <= index < len(items):
            raise refuse(node, f"GROUP BY {node.this}", f"SELECT has {len(items)} items")
        return items[index].node
    if isinstance(node, exp.Column) and not node.table:
        found = next((one for one in items if one.aliased and one.name.lower() == node.name.lower()), None)
        if found is not None and not _offered(ctx, node, found):
            return found.node
    return node


def _offered(ctx: Context, node: exp.Column, item: Item) -> bool:
    """Whether a table has the column: then it wins over the alias of SELECT."""
    name = node.name.lower()
    if any(one.name.lower() == name for source in ctx.scope.sources for one in source.fields or ()):
        return True
    if all(source.fields is not None for source in ctx.scope.sources):
        return False
    if any(isinstance(one, exp.Column) and one.name.lower() == name for one in item.node.walk()):
        return True
    note = f"GROUP BY {node.name} is read as the alias in SELECT; a table's own column of that name would win."
    if note not in ctx.program.notes:
        ctx.program.notes.append(note)
    return False


def _step(ctx: Context, frame: Frame, keys: Keys, names: list[str], results: list[str]) -> None:
    if keys.nodes and ctx.scope.correlated:
        raise refuse(keys.nodes[0], "GROUP BY in a subquery that names a column of the outer query",
                     "Spark analyses groupBy() at once, and cannot know the outer column then",
                     "join the grouped table instead")  # fmt: skip
    codes: list[str] = []
    for node, name in zip(keys.nodes, names, strict=True):
        code = ctx.code(node)
        codes.append(_aliased(code, node, name))
    if not keys.nodes:
        frame.step("select" if ctx.scope.correlated else "agg", *results)
        return
    if not results and keys.way == "groupBy":
        frame.step("select", *codes)
        frame.step("distinct")
        return
    if keys.way == "groupingSets":
        sets = [f"[{', '.join(codes[one] for one in members)}]" for members in keys.sets]
        frame.step("groupingSets", f"[{', '.join(sets)}]", *codes)
    else:
        frame.step(keys.way, *codes)
    frame.step("agg", *(results or ["F.count('*').alias('count')"]))


def _aliased(code: Py, node: exp.Expr, name: str) -> str:
    if isinstance(node, exp.Column) and node.name == name:
        return code.short()
    return f"{code.column().inside(7)}.alias({name!r})"
