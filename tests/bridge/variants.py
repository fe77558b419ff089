"""Queries rewritten: other names, other joins, other nesting. What is asked may change; it stays valid Spark SQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlglot import exp

from helpers.bridge.joins import conjuncts
from helpers.bridge.parse import parse
from helpers.bridge.plain import PlainSpark

Schema = Mapping[str, Mapping[str, str]]
Node = TypeVar("Node", bound=exp.Expr)


@dataclass(frozen=True)
class Variant:
    """A query rewritten in these ways. schema: of its tables, which may have other names too."""

    ways: tuple[str, ...]
    sql: str
    schema: Schema


Way = Callable[[exp.Expr, random.Random, Schema], bool]
"""Changes the tree; False = there was nothing to change."""


def variants(sql: str, schema: Schema, rng: random.Random, count: int, most: int = 3) -> list[Variant]:
    """So many different variants of a query, each rewritten in one to `most` ways that found something to change."""
    found: dict[str, Variant] = {}
    for _ in range(count * 5):
        tree = parse(sql)
        wanted = rng.randint(1, most)
        done: list[str] = []
        # Half of the time the rare ways have the first choice.
        ways = rng.sample(WAYS, len(WAYS))
        for way in sorted(ways, key=lambda way: way not in RARE) if rng.random() < 0.5 else ways:
            if len(done) < wanted and way(tree, rng, schema):
                done.append(way.__name__)
        names = schema
        if rng.random() < 0.4:
            names = _renamed(tree, rng, schema)
            done.append("renamed")
        if done:
            text = tree.sql(PlainSpark)
            found.setdefault(text, Variant(tuple(done), text, names))
        if len(found) == count:
            break
    return list(found.values())


def _renamed(tree: exp.Expr, rng: random.Random, schema: Schema) -> Schema:
    """Every table and column under another name, and many of them in other letters."""
    words = sorted({*schema, *(column for columns in schema.values() for column in columns)})
    numbers = rng.sample(range(10, 10 + 10 * len(words)), len(words))
    names = {word: f"{word[0]}{number}" for word, number in zip(words, numbers, strict=True)}
    for one in tree.find_all(exp.Identifier):
        if one.name.lower() in names:
            new = names[one.name.lower()]
            one.set("this", new.upper() if rng.random() < 0.2 and isinstance(one.parent, exp.Column) else new)
    return {names[table]: {names[one]: kind for one, kind in columns.items()} for table, columns in schema.items()}


def aliases(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """Tables get other aliases, or their first, and columns are told by them."""
    changed = False
    for number, select in enumerate(tree.find_all(exp.Select)):
        for place, table in enumerate(_tables(select)):
            name = table.alias_or_name.lower()
            if table.args.get("alias") and table.args["alias"].args.get("columns"):
                continue
            new = f"q{number}_{place}"
            columns = schema.get(table.name.lower(), {})
            table.set("alias", exp.TableAlias(this=exp.to_identifier(new)))
            for column in [one for one in select.find_all(exp.Column) if one.table.lower() == name]:
                if _reaches(column, select, name):
                    column.set("table", exp.to_identifier(new))
            for column in [one for one in _columns(select) if not one.table and not _output(one)]:
                if column.name.lower() in columns and _offering(select, column.name, schema) == 1:
                    column.set("table", exp.to_identifier(new))
            changed = True
    return changed


def commas_to_joins(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """FROM a, b WHERE a.x = b.x becomes FROM a JOIN b ON a.x = b.x."""
    changed = False
    for select in tree.find_all(exp.Select):
        where, known = select.args.get("where"), _known(select, schema)
        if where is None or known is None:
            continue
        rest = conjuncts(where.this)
        seen = {_first(select)}
        for join in select.args.get("joins") or []:
            seen.add(join.this.alias_or_name.lower())
            if join.kind or join.side or join.args.get("on") or join.args.get("using"):
                continue
            here = [one for one in rest if _places(one, known) and _places(one, known) <= seen]
            here = [one for one in here if join.this.alias_or_name.lower() in _places(one, known)]
            linking = [one for one in here if len(_places(one, known)) > 1] or here
            if linking:
                join.set("kind", rng.choice(["", "INNER"]))
                join.set("on", exp.and_(*linking))
                rest = [one for one in rest if not any(one is other for other in linking)]
                changed = True
        select.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    return changed


def joins_to_commas(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """FROM a JOIN b ON ... becomes FROM a, b WHERE ..., where only inner joins are."""
    changed = False
    for select in tree.find_all(exp.Select):
        joins = select.args.get("joins") or []
        if any(join.side or join.kind not in ("", "INNER") or join.args.get("using") for join in joins):
            continue
        conditions = [join.args["on"] for join in joins if join.args.get("on")]
        for join in joins:
            join.set("on", None)
            join.set("kind", None)
        if conditions:
            where = select.args.get("where")
            select.set("where", exp.Where(this=exp.and_(*conditions, *([where.this] if where else []))))
            changed = True
    return changed


def derived_to_ctes(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """A derived table of the whole query becomes a part of WITH."""
    changed = False
    for number, table in enumerate([one for one in _derived(tree) if not _correlated(one, tree, schema)]):
        name = f"part_{number}"
        clause = tree.args.get("with_") or exp.With(expressions=[])
        clause.append("expressions", exp.CTE(this=table.this, alias=exp.TableAlias(this=exp.to_identifier(name))))
        tree.set("with_", clause)
        table.replace(exp.Table(this=exp.to_identifier(name), alias=table.args["alias"]))
        changed = True
    return changed


def ctes_to_derived(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """What WITH defines stands where it is read."""
    clause = tree.args.get("with_")
    if clause is None or clause.args.get("recursive"):
        return False
    for part in reversed(clause.expressions):
        for table in [one for one in tree.find_all(exp.Table) if one.name.lower() == part.alias.lower()]:
            alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
            names = table.args["alias"].args.get("columns") if table.args.get("alias") else None
            alias.set("columns", [one.copy() for one in names or part.args["alias"].args.get("columns") or []])
            table.replace(exp.Subquery(this=part.this.copy(), alias=alias))
        part.pop()
    tree.set("with_", None)
    return True


def exists_to_in(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """EXISTS (... WHERE inner = outer) becomes outer IN (SELECT inner ...)."""
    changed = False
    for node in list(tree.find_all(exp.Exists)):
        query = node.this
        where = query.args.get("where") if isinstance(query, exp.Select) else None
        known = _known(query, schema) if where is not None else None
        if known is None or query.args.get("group"):
            continue
        for part in conjuncts(where.this):
            sides = (part.this, part.expression) if isinstance(part, exp.EQ) else ()
            if all(isinstance(one, exp.Column) for one in sides) and sides:
                inner, outer = sides if _places(sides[0], known) else sides[::-1]
                if _places(inner, known) and not _places(outer, known):
                    rest = [one for one in conjuncts(where.this) if one is not part]
                    query.set("expressions", [inner.copy()])
                    query.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
                    node.replace(exp.In(this=outer.copy(), query=exp.Subquery(this=query)))
                    changed = True
                    break
    return changed


def in_to_exists(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """x IN (SELECT y FROM ...) becomes EXISTS (SELECT ... FROM ... WHERE y = x)."""
    changed = False
    for node in list(tree.find_all(exp.In)):
        query = node.args["query"].this if node.args.get("query") else None
        if not isinstance(query, exp.Select) or len(query.expressions) != 1 or query.args.get("limit"):
            continue
        known = _known(query, schema)
        if (
            query.args.get("group")
            or query.args.get("distinct")
            or known is None
            or _places(node.this, known) != set()
        ):
            continue
        equal = exp.EQ(this=query.expressions[0].unalias().copy(), expression=node.this.copy())
        where = query.args.get("where")
        query.set("where", exp.Where(this=exp.and_(equal, *([where.this] if where else []))))
        query.set("expressions", [exp.Literal.number(1)])
        node.replace(exp.Exists(this=query))
        changed = True
    return changed


def in_to_join(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """WHERE x IN (SELECT y FROM ...) becomes a join with the distinct rows of that query."""
    changed = False
    for number, node in enumerate(list(tree.find_all(exp.In))):
        query = node.args["query"].this if node.args.get("query") else None
        select, where = node.find_ancestor(exp.Select), node.find_ancestor(exp.Where)
        if not isinstance(query, exp.Select) or len(query.expressions) != 1 or where is None or select is None:
            continue
        parts = conjuncts(where.this)
        if where.parent is not select or not any(one is node for one in parts) or _correlated(query, tree, schema):
            continue
        query.set("expressions", [exp.alias_(query.expressions[0].unalias().copy(), "wanted")])
        query.set("distinct", exp.Distinct())
        rest = [one for one in parts if one is not node]
        select.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
        alias = exp.TableAlias(this=exp.to_identifier(f"among_{number}"))
        join = exp.Join(this=exp.Subquery(this=query, alias=alias))
        join.set("on", exp.EQ(this=exp.column("wanted", f"among_{number}"), expression=node.this.copy()))
        select.append("joins", join)
        changed = True
    return changed


def having_to_subquery(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """SELECT ... HAVING c becomes SELECT ... FROM (SELECT ..., c AS kept ...) WHERE kept."""
    changed = False
    for select in list(tree.find_all(exp.Select)):
        having = select.args.get("having")
        names = [one.alias_or_name for one in select.expressions]
        if having is None or select is tree or not all(names) or len(set(names)) < len(names):
            continue
        if select.args.get("order") or select.args.get("limit") or select.args.get("with_"):
            continue
        inner = select.copy()
        inner.set("having", None)
        inner.append("expressions", exp.alias_(having.this.copy(), "kept"))
        outer = exp.select(*(exp.column(exp.to_identifier(name)) for name in names))
        outer.set("from_", exp.From(this=exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("g")))))
        outer.set("where", exp.Where(this=exp.column("kept")))
        select.replace(outer)
        changed = True
    return changed


def filters_of_sums(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """sum(CASE WHEN c THEN x ELSE 0 END) becomes sum(x) FILTER (WHERE c)."""
    changed = False
    for node in list(tree.find_all(exp.Anonymous)):
        case = node.expressions[0] if len(node.expressions) == 1 else None
        if node.name.lower() != "sum" or not isinstance(case, exp.Case) or len(case.args["ifs"]) != 1 or case.this:
            continue
        if node.find_ancestor(exp.Window):
            continue
        branch = case.args["ifs"][0]
        node.set("expressions", [branch.args["true"].copy()])
        where = exp.Where(this=branch.this.copy())
        node.replace(exp.Filter(this=node.copy(), expression=where))
        changed = True
    return changed


def other_comparisons(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """Comparisons turned round, BETWEEN as two of them, lists of IN as OR, conjuncts in another order."""
    turned = {exp.EQ: exp.EQ, exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE}
    changed = False
    for node in list(tree.find_all(*turned, exp.Between, exp.In)):
        if rng.random() < 0.5:
            continue
        if isinstance(node, exp.Between):
            low = exp.GTE(this=node.this.copy(), expression=node.args["low"].copy())
            high = exp.LTE(this=node.this.copy(), expression=node.args["high"].copy())
            node.replace(exp.Paren(this=exp.And(this=low, expression=high)))
        elif isinstance(node, exp.In):
            if node.args.get("query") or not 1 < len(node.expressions) < 6:
                continue
            tests = [exp.EQ(this=node.this.copy(), expression=one.copy()) for one in node.expressions]
            node.replace(exp.Paren(this=exp.or_(*tests)))
        else:
            node.replace(turned[type(node)](this=node.expression.copy(), expression=node.this.copy()))
        changed = True
    for where in tree.find_all(exp.Where):
        parts = conjuncts(where.this)
        rng.shuffle(parts)
        where.set("this", exp.and_(*parts))
        changed = changed or len(parts) > 1
    return changed


def other_constants(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """Numbers and texts that are compared become others."""
    changed = False
    for node in list(tree.find_all(exp.EQ, exp.LT, exp.GT, exp.LTE, exp.GTE, exp.Between, exp.In)):
        for one in [*node.args.values(), *node.expressions]:
            if not isinstance(one, exp.Literal):
                continue
            if one.is_string:
                # What may be a date stays one.
                new = exp.Literal.string(one.this if one.this[:1].isdigit() else f"{one.this[:3]}{rng.randint(1, 9)}")
            else:
                new = exp.Literal.number(f"{rng.randint(1, 9)}{'.5' * rng.randint(0, 1)}")
            one.replace(new)
            changed = True
    return changed


def distinct_to_group(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """SELECT DISTINCT a, b becomes SELECT a, b ... GROUP BY a, b."""
    changed = False
    for select in tree.find_all(exp.Select):
        items = [one.unalias() for one in select.expressions]
        plain = select.args.get("distinct") and not select.args.get("group")
        if plain and all(isinstance(one, exp.Column) and not one.is_star for one in items):
            select.set("distinct", None)
            select.set("group", exp.Group(expressions=[one.copy() for one in items]))
            changed = True
    return changed


def wrapped_tables(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """A table t becomes (SELECT * FROM t) t, or that of some of its columns."""
    changed = False
    for table in [one for one in tree.find_all(exp.Table) if one.name.lower() in schema]:
        if rng.random() < 0.7 or not isinstance(table.parent, exp.From | exp.Join) or table.args.get("joins"):
            continue
        if any(part.alias.lower() == table.name.lower() for part in tree.find_all(exp.CTE)):
            continue
        columns = [exp.column(one) for one in schema[table.name.lower()]]
        inner = exp.Select(expressions=[exp.Star()] if rng.random() < 0.5 else columns)
        inner.set("from_", exp.From(this=exp.Table(this=exp.to_identifier(table.name))))
        alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
        table.replace(exp.Subquery(this=inner, alias=alias))
        changed = True
    return changed


def places_for_names(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """ORDER BY and GROUP BY by the numbers of SELECT's items."""
    changed = False
    for select in tree.find_all(exp.Select):
        items = select.expressions
        if any(one.is_star for one in items):
            continue
        for order in select.args["order"].expressions if select.args.get("order") else []:
            place = next((at for at, one in enumerate(items, 1) if one.alias_or_name and one.alias_or_name.lower()
                          == order.this.name.lower() and isinstance(order.this, exp.Column)), None)  # fmt: skip
            if place:
                order.set("this", exp.Literal.number(place))
                changed = True
        group = select.args.get("group")
        for key in list(group.expressions) if group is not None else []:
            place = next((at for at, one in enumerate(items, 1) if one.unalias() == key), None)
            if place and isinstance(key, exp.Column):
                key.replace(exp.Literal.number(place))
                changed = True
    return changed


def whole_as_part(tree: exp.Expr, rng: random.Random, schema: Schema) -> bool:
    """The last SELECT stands in a derived table that is read as it is, its order and limit outside."""
    names = [one.alias_or_name for one in tree.selects] if isinstance(tree, exp.Select) else []
    plain = names and all(names) and len({name.lower() for name in names}) == len(names)
    order = tree.args.get("order")
    known = {name.lower() for name in names}
    if not plain or any(one.is_star or not isinstance(one, exp.Alias | exp.Column) for one in tree.selects):
        return False
    for one in order.expressions if order is not None else []:
        if not isinstance(one.this, exp.Column) or one.this.table or one.this.name.lower() not in known:
            return False
    inner = tree.copy()
    for key in ("order", "limit", "with_"):
        inner.set(key, None)
    for key in ("from_", "joins", "where", "group", "having", "distinct", "laterals"):
        tree.set(key, None)
    tree.set("expressions", [exp.Star()] if rng.random() < 0.5 else [exp.column(exp.to_identifier(n)) for n in names])
    alias = exp.TableAlias(this=exp.to_identifier("answer"))
    tree.set("from_", exp.From(this=exp.Subquery(this=inner, alias=alias)))
    return True


WAYS: tuple[Way, ...] = (
    aliases,
    commas_to_joins,
    joins_to_commas,
    derived_to_ctes,
    ctes_to_derived,
    exists_to_in,
    in_to_exists,
    in_to_join,
    having_to_subquery,
    filters_of_sums,
    other_comparisons,
    other_constants,
    distinct_to_group,
    wrapped_tables,
    places_for_names,
    whole_as_part,
)


RARE = (joins_to_commas, exists_to_in, in_to_exists, in_to_join, having_to_subquery, distinct_to_group)


def _tables(select: exp.Select) -> list[exp.Table]:
    """The plain tables of FROM."""
    origin = select.args.get("from_")
    found = [origin.this] if origin is not None else []
    found += [join.this for join in select.args.get("joins") or []]
    return [one for one in found if isinstance(one, exp.Table) and isinstance(one.this, exp.Identifier)]


def _first(select: exp.Select) -> str:
    return select.args["from_"].this.alias_or_name.lower()


def _columns(select: exp.Select) -> Iterator[exp.Column]:
    """The columns that a SELECT names itself, not those of queries inside it."""
    for column in select.find_all(exp.Column):
        if column.find_ancestor(exp.Select) is select:
            yield column


def _reaches(column: exp.Column, select: exp.Select, name: str) -> bool:
    """Whether the alias before a column is one of this SELECT, not of one inside it."""
    query = column.find_ancestor(exp.Select)
    while query is not None and query is not select:
        if any(table.alias_or_name.lower() == name for table in _tables(query)):
            return False
        query = query.find_ancestor(exp.Select)
    return query is select


def _output(column: exp.Column) -> bool:
    """Whether the name may be one that SELECT gives."""
    return column.find_ancestor(exp.Order, exp.Having, exp.Group) is not None and not column.find_ancestor(exp.Window)


def _offering(select: exp.Select, name: str, schema: Schema) -> int:
    return sum(name.lower() in schema.get(table.name.lower(), {}) for table in _tables(select))


def _known(select: exp.Select, schema: Schema) -> dict[str, str] | None:
    """Column -> alias of the one table in FROM that offers it; None where FROM holds more than plain tables."""
    origin = select.args.get("from_")
    joins = select.args.get("joins") or []
    tables = _tables(select)
    if origin is None or len(tables) != 1 + len(joins) or any(one.name.lower() not in schema for one in tables):
        return None
    known = {f"{one.alias_or_name.lower()}.": one.alias_or_name.lower() for one in tables}
    for one in tables:
        known.update(dict.fromkeys(schema[one.name.lower()], one.alias_or_name.lower()))
    return known


def _places(node: exp.Expr, known: Mapping[str, str]) -> set[str]:
    """The aliases of the tables that an expression names; with queries inside it none."""
    if node.find(exp.Query):
        return set()
    found = {known.get(f"{c.table.lower()}." if c.table else c.name.lower(), "") for c in node.find_all(exp.Column)}
    return set() if "" in found else found


def _derived(tree: exp.Expr) -> list[exp.Subquery]:
    """The derived tables of the query's own FROM."""
    if not isinstance(tree, exp.Select) or tree.args.get("from_") is None:
        return []
    found = [tree.args["from_"].this, *(join.this for join in tree.args.get("joins") or [])]
    return [one for one in found if isinstance(one, exp.Subquery) and one.alias and isinstance(one.this, exp.Query)]


def _correlated(query: exp.Expr, tree: exp.Expr, schema: Schema) -> bool:
    """Whether the query may name a column of a query around it."""
    offered = {table.alias_or_name.lower() for table in query.find_all(exp.Table)}
    offered |= {one.alias.lower() for one in query.find_all(exp.Subquery) if one.alias}
    columns = {name for table in query.find_all(exp.Table) for name in schema.get(table.name.lower(), {})}
    columns |= {one.alias.lower() for one in query.find_all(exp.Alias)}
    for column in query.find_all(exp.Column):
        if column.table.lower() not in offered if column.table else column.name.lower() not in columns:
            return True
    return False
