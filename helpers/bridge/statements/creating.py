"""CREATE TABLE AS as a new Delta table, CREATE VIEW as a view of the session."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.comments import lines
from helpers.bridge.program import Frame
from helpers.bridge.python import quoted
from helpers.bridge.query import query
from helpers.bridge.refusal import refuse
from helpers.bridge.sources import Place
from helpers.bridge.statements.merging import written
from helpers.bridge.statements.target import Target, named, target

SESSION = "The view lives as long as the session: a DataFrame makes no view that the catalogue keeps."
SNAPSHOT = "The temporary table became a view of its rows as they are now; nothing can be written to it."


def cache(place: Place, node: exp.Cache) -> None:
    """Writes CACHE TABLE ... AS: a view of rows that are computed once."""
    rows = node.args.get("expression")
    if not isinstance(rows, exp.Query | exp.Values):
        raise refuse(node, "CACHE TABLE", "it changes no rows", "call spark.catalog.cacheTable(name)")
    into = target(place.program, node.this)
    frame = query(place, rows)
    frame.step("localCheckpoint")
    frame.step("createTempView", _view_name(into))
    place.program.note(SNAPSHOT)
    written(place, frame, lines(node))


def create(place: Place, node: exp.Create) -> None:
    """Writes CREATE TABLE AS, CREATE VIEW and their kin."""
    kind, rows = str(node.args.get("kind") or "").upper(), node.args.get("expression")
    if kind not in ("TABLE", "VIEW") or not isinstance(rows, exp.Query | exp.Values | exp.Table):
        raise refuse(node, f"CREATE {kind}".strip(), "only CREATE TABLE ... AS and CREATE VIEW come with rows",
                     "make the table with spark.catalog.createTable(name, schema=..., source='delta')")  # fmt: skip
    into = target(place.program, node.this)
    settings = _Settings(node)
    frame = query(place, rows)
    columns = named(node.this)
    if columns:
        frame.step("toDF", *(repr(one) for one in columns))
    if kind == "VIEW":
        name = _view_name(into)
        frame.step("createOrReplaceTempView" if node.args.get("replace") else "createTempView", name)
        place.program.note("" if settings.temporary else SESSION)
    else:
        _table(into, frame, node, settings)
    unless = f"if not spark.catalog.tableExists({into.text}):\n    " if node.args.get("exists") else ""
    written(place, frame, lines(node), unless)


class _Settings:
    """What stands between the name and AS. Raises Refusal for what a writer has no option for."""

    def __init__(self, node: exp.Create) -> None:
        self.source, self.temporary = "delta", False
        self.partitions: list[str] = []
        self.properties: list[tuple[str, str]] = []
        clause = node.args.get("properties")
        for one in clause.expressions if clause is not None else []:
            self._read(one)

    def _read(self, one: exp.Expr) -> None:
        if isinstance(one, exp.TemporaryProperty):
            self.temporary = True
        elif isinstance(one, exp.FileFormatProperty):
            self.source = one.this.name.lower()
        elif isinstance(one, exp.PartitionedByProperty) and all(
            isinstance(part, exp.Identifier | exp.Column) for part in one.this.expressions
        ):
            self.partitions = [part.name for part in one.this.expressions]
        elif isinstance(one, exp.SchemaCommentProperty):
            self.properties.append(("comment", one.this.name))
        elif isinstance(one, exp.Property) and type(one) is exp.Property:
            self.properties.append((one.this.name, one.args["value"].name))
        elif not isinstance(one, exp.UnloggedProperty):
            raise refuse(one, one.sql("spark")[:60], "the writer of a new table has no such option",
                         "leave it out, and set it with .option() or .tableProperty()")  # fmt: skip


def _table(into: Target, frame: Frame, node: exp.Create, settings: _Settings) -> None:
    frame.step("writeTo", into.text)
    frame.step("using", repr(settings.source))
    if settings.partitions:
        frame.step("partitionedBy", *(f"F.col({quoted(one)!r})" for one in settings.partitions))
    for name, value in settings.properties:
        frame.step("tableProperty", repr(name), repr(value))
    frame.step("createOrReplace" if node.args.get("replace") else "create")


def _view_name(into: Target) -> str:
    if len(into.node.parts) > 1:
        raise refuse(into.node, f"The view {into.name}", "a view of the session has a name of one part",
                     f"call it {into.short}")  # fmt: skip
    return into.text
