"""Databases that compare texts by a collation: the text columns of their tables get the like one of Spark."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.schema import Table
from helpers.bridge.foreign.reader import Reader, call

# MySQL 8: utf8mb4_0900_ai_ci. SQL Server: SQL_Latin1_General_CP1_CI_AS, which fills texts up with blanks.
_COLLATIONS = {"mysql": "UNICODE_CI_AI", "tsql": "UNICODE_CI_RTRIM"}
_WORDS = {
    "mysql": "MySQL compares texts by their collation, mostly without regard to case and accents",
    "tsql": "SQL Server compares texts by collation, mostly whatever their case and trailing blanks",
}
_COMPARING = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Between, exp.Like,
    exp.Nullif, exp.StrPosition, exp.Replace, exp.Greatest, exp.Least, exp.Min, exp.Max, exp.Group, exp.Ordered,
    exp.Distinct, exp.SubstringIndex, exp.Pivot, exp.Quantile, exp.ArrayContains,
)  # fmt: skip
_CALLS = {"greatest", "least", "instr", "split_part", "array_sort", "array_contains", "locate", "position"}
_BY_CHARACTER = (exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract)
_CALLS_BY_CHARACTER = {"regexp_replace", "regexp_extract", "rlike", "listagg"}
"""Functions that Spark has for texts without a collation only."""


def collated(reading: Reader, tree: exp.Expr, dialect: str) -> exp.Expr:
    """The tree with a collation on each text column that it compares, groups or sorts by; it is changed in place.

    Without a schema nothing is known to be a text, so that a note is all that can be given.
    """
    collation = _COLLATIONS.get(dialect)
    if collation is None:
        return tree
    compared = {name.lower() for name in _compared(reading, tree)}
    given = {
        name: [one.name for one in table.columns if table.kind(one.name) == "string"]
        for name, table in _read(reading, tree).items()
    }
    given = {name: texts for name, texts in given.items() if compared & {"*", *(one.lower() for one in texts)}}
    if not given:
        if not reading.names.tables:
            reading.note(f"{_WORDS[dialect]}; Spark by each character. With the schema it would be told.")
        return tree
    for node in list(tree.walk()):
        if isinstance(node, exp.Like):
            _replace(node, _liked(reading, node, dialect))
        elif _by_character(node, dialect):
            _collate(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this, "UTF8_BINARY")
            if not isinstance(node, exp.Predicate):
                _collate(node, collation)
        elif isinstance(node, exp.Literal) and node.is_string and _is_a_value(node, tree):
            _collate(node, collation)
    reading.note(f"{_WORDS[dialect]}: the text columns got Spark's collation {collation}.")
    parts = [
        _part(reading, tree, name, [one for one in texts if compared & {"*", one.lower()}], collation)
        for name, texts in given.items()
    ]
    clause = tree.args.get("with_")
    tree.set("with_", exp.With(expressions=[*parts, *(clause.expressions if clause is not None else [])]))
    return tree


def _by_character(node: exp.Expr, dialect: str) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in _CALLS_BY_CHARACTER
    # MySQL's REPLACE minds case.
    return isinstance(node, _BY_CHARACTER) or (isinstance(node, exp.Replace) and dialect == "mysql")


def _is_a_value(node: exp.Expr, tree: exp.Expr) -> bool:
    """Whether a text that is written out becomes a column: of VALUES, or of a query that another one reads."""
    place = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    if isinstance(place, exp.Tuple | exp.Values):
        return place.find_ancestor(exp.Values) is not None or isinstance(place, exp.Values)
    return isinstance(place, exp.Select) and place is not tree


def _collate(node: exp.Expr, collation: str) -> None:
    node.replace(call("collate", node.copy(), collation))


def _read(reading: Reader, tree: exp.Expr) -> dict[str, Table]:
    """The tables that the query reads and whose columns are known, by their names."""
    named = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    read = [one.name for one in tree.find_all(exp.Table) if isinstance(one.this, exp.Identifier) and not one.db]
    known = reading.names.tables
    return {one: known[one.lower()] for one in dict.fromkeys(read) if one.lower() in known.keys() - named}


def _compared(reading: Reader, tree: exp.Expr) -> Iterator[str]:
    """The names of the columns that are compared somewhere; "*" = all."""
    for node in tree.walk():
        for part in _parts(reading, node):
            for one in part.walk():
                if isinstance(one, exp.Star):
                    yield "*"
                elif isinstance(one, exp.Column | exp.Identifier):
                    yield one.name
                    # What the name stands for in a derived table or in the list of SELECT.
                    for alias in tree.find_all(exp.Alias):
                        if alias.alias.lower() == one.name.lower():
                            yield from (column.name for column in alias.find_all(exp.Column))


def _parts(reading: Reader, node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Binary) and isinstance(node, _COMPARING):
        kinds = reading.kind(node.this), reading.kind(node.expression)
        return [] if {kind for kind in kinds if kind} - {"string"} else [node]
    if isinstance(node, exp.Select):
        by_place = [one for key in ("group", "order") if (one := node.args.get(key)) and one.find(exp.Literal)]
        return list(node.expressions) if by_place or node.args.get("distinct") else []
    if isinstance(node, exp.SetOperation):
        whole = isinstance(node, exp.Union) and not node.args.get("distinct")
        return [] if whole else [one for part in node.find_all(exp.Select) for one in part.expressions]
    if isinstance(node, exp.Window):
        return list(node.args.get("partition_by") or [])
    if isinstance(node, exp.Join):
        return list(node.args.get("using") or [])
    if isinstance(node, exp.Case) and node.this is not None:
        return [node.this]
    if isinstance(node, exp.Anonymous):
        return list(node.expressions) if str(node.this).lower() in _CALLS else []
    return [node] if isinstance(node, _COMPARING) else []


def _part(reading: Reader, tree: exp.Expr, name: str, texts: list[str], collation: str) -> exp.CTE:
    """WITH name AS (SELECT each column that the query may use, the texts with their collation, FROM name)."""
    stars = [one for one in tree.find_all(exp.Star) if not isinstance(one.parent, exp.Count)]
    used = {one.name.lower() for one in tree.find_all(exp.Identifier)}
    items = [
        exp.alias_(call("collate", exp.column(one.name), collation), one.name) if one.name in texts
        else exp.column(one.name)
        for one in reading.names.tables[name.lower()].columns
        if stars or one.name.lower() in used
    ]  # fmt: skip
    query = exp.Select(expressions=items).from_(exp.to_table(name))
    return exp.CTE(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))


def _liked(reading: Reader, node: exp.Like, dialect: str) -> exp.Expr:
    """LIKE, which Spark has for its plain collations only: a plain beginning, end or middle needs none."""
    escape = node.parent.expression.this if isinstance(node.parent, exp.Escape) else "\\"
    text = node.this.copy()
    # SQL Server's LIKE minds trailing blanks, which its comparisons do not: the one collation has no such LIKE.
    known = isinstance(node.expression, exp.Literal) and dialect != "tsql"
    pieces = _pieces(node.expression.this, escape) if known else None
    if pieces is None:
        if dialect == "mysql":
            reading.note("LIKE with a wildcard in its middle ignores case in Spark, but accents count.")
        made = node.copy()
        made.set("this", call("collate", text, "UTF8_LCASE"))
        return made
    before, piece, after = pieces
    if before or after:
        name = "contains" if before and after else ("endswith" if before else "startswith")
        found: exp.Expr = call(name, text, piece)
    else:
        found = exp.EQ(this=text, expression=exp.Literal.string(piece))
    return exp.Not(this=exp.Paren(this=found)) if node.args.get("negate") else found


def _pieces(pattern: str, escape: str) -> tuple[bool, str, bool] | None:
    """Whether % stands before, the plain text, whether % stands after; None for any other pattern."""
    found: list[tuple[str, bool]] = []
    at = 0
    while at < len(pattern):
        escaped = pattern[at] == escape and at + 1 < len(pattern)
        at += escaped
        found.append((pattern[at], not escaped and pattern[at] in "%_"))
        at += 1
    wild = [index for index, (_, special) in enumerate(found) if special]
    ends = {0, len(found) - 1}
    if any(index not in ends or found[index][0] == "_" for index in wild):
        return None
    text = "".join(one for one, special in found if not special)
    return 0 in wild, text, len(found) - 1 in wild and len(found) > 1


def _replace(node: exp.Expr, made: exp.Expr) -> None:
    outer = node.parent if isinstance(node.parent, exp.Escape) and not isinstance(made, exp.Like) else node
    outer.replace(made)
