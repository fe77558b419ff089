"""Tables as their database declares them: CREATE TABLE in any dialect, read as Spark's types and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from helpers.bridge.parse import guarded, only_tree
from helpers.bridge.refusal import Refusal
from helpers.bridge.script import split

_TEXT = ("VARCHAR", "NVARCHAR", "CHAR", "NCHAR", "BPCHAR", "NAME", "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT",
         "UUID", "ENUM", "SET", "JSON", "JSONB", "XML", "INET", "INTERVAL")  # fmt: skip
_SPARKS = {
    **dict.fromkeys(_TEXT, "string"),
    **dict.fromkeys(("BINARY", "VARBINARY", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "IMAGE"), "binary"),
    **dict.fromkeys(("DATETIME", "DATETIME2", "SMALLDATETIME", "TIMESTAMP", "TIMESTAMPTZ"), "timestamp"),
    **dict.fromkeys(("INT", "SERIAL", "MEDIUMINT", "USMALLINT", "UMEDIUMINT"), "int"),
    **dict.fromkeys(("BIGINT", "BIGSERIAL", "UINT"), "bigint"),
    **dict.fromkeys(("SMALLINT", "SMALLSERIAL", "UTINYINT"), "smallint"),
    "TINYINT": "tinyint", "UBIGINT": "decimal(20,0)", "MONEY": "decimal(19,4)", "SMALLMONEY": "decimal(10,4)",
    "BOOLEAN": "boolean", "BIT": "boolean", "DATE": "date", "FLOAT": "float", "DOUBLE": "double",
    "TIMESTAMPLTZ": "timestamp", "TIMESTAMPNTZ": "timestamp_ntz",
}  # fmt: skip
"""By sqlglot's name of a type: what Spark reads it as over JDBC ("JDBC To Other Databases", Data Type Mapping)."""
_OWN = {
    "oracle": {"DATE": "timestamp", "FLOAT": "decimal(38,10)", "INT": "decimal(38,0)"},
    "tsql": {"FLOAT": "double"},
    "postgres": {"TIMESTAMP": "timestamp", "MONEY": "string"},
    "mysql": {"TINYINT(1)": "boolean", "YEAR": "date"},
}
_WIDEST = {"oracle": "decimal(38,10)", "postgres": "decimal(38,18)", "tsql": "decimal(18,0)"}
"""Of a number without digits declared; elsewhere it has ten and none after the point."""


@dataclass(frozen=True)
class Declared:
    """What CREATE TABLE tells. schema: table -> column -> Spark's type; keys: table -> its primary key's columns."""

    schema: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)


def declared(text: str, dialect: str = "spark") -> Declared:
    """The tables that a text of CREATE TABLE statements declares; other statements in it are passed over.

    Raises Refusal where a CREATE TABLE cannot be read, has a type that Spark reads as none, or where there is none.
    """
    found = Declared()
    for statement in split(text, dialect):
        if not statement.strip().upper().startswith("CREATE") or " TABLE" not in statement.upper():
            continue
        guarded(statement)
        tree = only_tree(statement, dialect)
        if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
            continue
        name = tree.this.this.name
        found.schema[name] = {column.name: _type(column, name, dialect) for column in _columns(tree.this)}
        if key := list(_key(tree.this)):
            found.keys[name] = key
    if not found.schema:
        raise Refusal("The schema", "it has no CREATE TABLE with columns", "give the file of your tables' DDL")
    return found


def _columns(schema: exp.Schema) -> Iterator[exp.ColumnDef]:
    return (one for one in schema.expressions if isinstance(one, exp.ColumnDef))


def _type(column: exp.ColumnDef, table: str, dialect: str) -> str:
    kind = column.args.get("kind")
    if not isinstance(kind, exp.DataType):
        raise Refusal(f"The column {column.name} of {table}", "it has no type", "write its type")
    found = _spark(kind, dialect)
    if not found:
        reason = f"Spark reads {kind.sql(dialect)} as no type of its own"
        raise Refusal(f"The column {column.name} of {table}", reason, "declare it as the type you load it as")
    return found


def _spark(kind: exp.DataType, dialect: str) -> str:
    if dialect in ("spark", "databricks"):
        return kind.sql("spark").lower().replace(", ", ",").replace(": ", ":")
    name = kind.this.name
    if name == "ARRAY":
        inner = kind.expressions[0] if kind.expressions else None
        element = _spark(inner, dialect) if isinstance(inner, exp.DataType) else ""
        return element and f"array<{element}>"
    sizes = [one.name for one in kind.expressions]
    if name == "DECIMAL":
        return f"decimal({sizes[0]},{(*sizes, '0')[1]})" if sizes else _WIDEST.get(dialect, "decimal(10,0)")
    own = _OWN.get(dialect, {})
    return own.get(f"{name}({','.join(sizes)})") or own.get(name) or _SPARKS.get(name, "")


def _key(schema: exp.Schema) -> Iterator[str]:
    for column in _columns(schema):
        if any(isinstance(one.kind, exp.PrimaryKeyColumnConstraint) for one in column.args.get("constraints") or ()):
            yield column.name
    for key in schema.find_all(exp.PrimaryKey):
        yield from (one.find(exp.Identifier).name for one in key.expressions)
