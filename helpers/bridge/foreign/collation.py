"""Databases that compare texts by a collation: the text columns of their tables get the like one of Spark."""

from __future__ import annotations

from sqlglot import exp

from helpers.adversary.schema import Table
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.foreign.uncollated import collate_keys, collate_outputs, reached
from helpers.bridge.parse import defined

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
_TESTS_BY_CHARACTER = (exp.RegexpLike, exp.Contains, exp.StartsWith, exp.EndsWith)
_BY_CHARACTER = (*_TESTS_BY_CHARACTER, exp.RegexpReplace, exp.RegexpExtract)
_CALLS_BY_CHARACTER = {"regexp_replace", "regexp_extract", "rlike", "listagg"}
"""Functions that Spark has for texts without a collation only."""


def collated(reading: Reader, tree: exp.Expr, dialect: str) -> exp.Expr:
    """The tree with a collation on each text column that it compares, groups or sorts by; it is changed in place.

    Without a schema nothing is known to be a text, so that a note is all that can be given.
    """
    collation = _COLLATIONS.get(dialect)
    if collation is None:
        return tree
    compared = _compared(reading, tree)
    read, unknown = _read(reading, tree)
    if unknown:
        reading.note(f"{_WORDS[dialect]}; Spark by each character. With the schema it would be told.")
    used = _used(tree)
    given = {
        name: [
            one.name for one in _table(reading, name).columns
            if _table(reading, name).kind(one.name) == "string" and compared & {"*", one.name.lower()}
            and (used is None or one.name.lower() in used)
        ]
        for name in read
    }  # fmt: skip
    given = {name: texts for name, texts in given.items() if texts}
    made = collate_outputs(reading, tree, compared, dialect, collation)
    made |= collate_keys(reading, tree, dialect, collation)
    for node in list(tree.walk()):
        if isinstance(node, exp.Like):
            if given or made or dialect == "tsql":
                _replace(node, _liked(reading, node, dialect))
        elif not given and not made:
            continue
        elif _by_character(node, dialect):
            _collate(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this, "UTF8_BINARY")
            if not isinstance(node, _TESTS_BY_CHARACTER):
                _collate(node, collation)
        elif given and isinstance(node, exp.Literal) and node.is_string and _is_a_value(node, tree):
            _collate(node, collation)
    if not given:
        return tree
    reading.note(f"{_WORDS[dialect]}: the text columns got Spark's collation {collation}.")
    taken = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    parts = []
    for name, texts in given.items():
        own = name if name not in taken else f"{name}_texts"
        parts.append(_part(reading, used, read[name][0].name, own, texts, collation))
        for node in read[name]:
            _reads(node, own if own != name else node.name)
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


def _table(reading: Reader, name: str) -> Table:
    return reading.names.tables[name]


def _read(reading: Reader, tree: exp.Expr) -> tuple[dict[str, list[exp.Table]], bool]:
    """Where the tables are read whose columns are known, by lower-case names; and whether others are read too."""
    found: dict[str, list[exp.Table]] = {}
    unknown = False
    for one in tree.find_all(exp.Table):
        if not isinstance(one.this, exp.Identifier) or (not one.db and one.name.lower() in defined(one)):
            continue
        if one.name.lower() in reading.names.tables:
            found.setdefault(one.name.lower(), []).append(one)
        else:
            unknown = True
    return found, unknown


def _reads(node: exp.Table, name: str) -> None:
    """Lets a table be read by the name of its part of WITH, and its columns be told as before."""
    if not node.alias and node.name != name:
        node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name)))
    select = node.find_ancestor(exp.Select)
    for column in select.find_all(exp.Column) if select is not None and node.db else ():
        if column.table.lower() == node.name.lower():
            column.set("db", None)
            column.set("catalog", None)
    node.set("this", exp.to_identifier(name))
    node.set("db", None)
    node.set("catalog", None)


def _compared(reading: Reader, tree: exp.Expr) -> set[str]:
    """The names of the columns that are compared somewhere, in lower case; "*" = all, or not to be told."""
    found: set[str] = set()
    for node in tree.walk():
        for part in _parts(reading, node):
            found |= {"*" if isinstance(one, exp.Star) else one.name.lower()
                      for one in part.walk() if isinstance(one, exp.Star | exp.Column | exp.Identifier)}  # fmt: skip
    # What a name stands for in a derived table or in a list of SELECT, through any number of them.
    aliases: dict[str, set[str]] = {}
    for alias in tree.find_all(exp.Alias):
        names = {column.name.lower() for column in alias.find_all(exp.Column)}
        aliases.setdefault(alias.alias.lower(), set()).update(names)
    size = -1
    while size != len(found):
        size = len(found)
        found |= {name for one in found for name in aliases.get(one, ())}
    known = {one.name.lower() for table in reading.names.tables.values() for one in table.columns}
    renamed = any(one.args.get("columns") for one in tree.find_all(exp.TableAlias))
    lost = found - known - {one for one, names in aliases.items() if names}
    return found | {"*"} if found and (renamed or lost) else found


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
        return [exp.Star()] if node.method == "NATURAL" else list(node.args.get("using") or [])
    if isinstance(node, exp.Case) and node.this is not None:
        return [node.this]
    if isinstance(node, exp.Anonymous):
        return list(node.expressions) if str(node.this).lower() in _CALLS else []
    return [node] if isinstance(node, _COMPARING) else []


def _used(tree: exp.Expr) -> set[str] | None:
    """The names that the query holds, in lower case; None = columns may be used that it does not name."""
    stars = any(not isinstance(one.parent, exp.Count) for one in tree.find_all(exp.Star))
    if stars or any(one.method == "NATURAL" for one in tree.find_all(exp.Join)):
        return None
    return {one.name.lower() for one in tree.find_all(exp.Identifier)}


def _part(reading: Reader, used: set[str] | None, name: str, own: str, texts: list[str], collation: str) -> exp.CTE:
    """WITH own AS (SELECT each column that the query may use, the texts with their collation, FROM name)."""
    items = [
        exp.alias_(call("collate", exp.column(one.name), collation), one.name) if one.name in texts
        else exp.column(one.name)
        for one in reading.names.tables[name.lower()].columns
        if used is None or one.name.lower() in used
    ]  # fmt: skip
    table = reading.names.tables[name.lower()].name
    query = exp.Select(expressions=items).from_(exp.to_table(table))
    return exp.CTE(this=query, alias=exp.TableAlias(this=exp.to_identifier(own if own != name.lower() else name)))


def _liked(reading: Reader, node: exp.Like, dialect: str) -> exp.Expr:
    """LIKE, which Spark has for its plain collations only: a plain beginning, end or middle needs none."""
    escape = node.parent.expression.this if isinstance(node.parent, exp.Escape) else "\\"
    text = node.this.copy()
    # SQL Server's LIKE minds trailing blanks, which its comparisons do not: the one collation has no such LIKE.
    known = isinstance(node.expression, exp.Literal) and dialect != "tsql"
    pieces = _pieces(node.expression.this, escape) if known else None
    plain = isinstance(node.expression, exp.Literal) and node.expression.this.lower() == node.expression.this.upper()
    if plain and not reached(reading, node.this):
        return node.copy()
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
