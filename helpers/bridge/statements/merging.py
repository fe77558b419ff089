"""MERGE as `mergeInto`."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.comments import lines, lines_in
from helpers.bridge.context import Context
from helpers.bridge.joins import conjunction, conjuncts
from helpers.bridge.layout import WIDTH
from helpers.bridge.program import Frame
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Scope, Source
from helpers.bridge.sources import Place, settled, source
from helpers.bridge.statements.target import Target, is_default, target

COUNTS = "How many rows changed is not returned; the table's history tells it."
NO_DEFAULT = "DEFAULT became NULL: the default of a column is not known here."


def merge(place: Place, node: exp.Merge) -> None:
    """Writes MERGE INTO."""
    if node.args.get("using_cond"):
        raise refuse(node, "MERGE ... USING (columns)", "Spark's MERGE has a condition", "write ON")
    into = target(place.program, node.this)
    using, frame = _using(place, node, into)
    ctx = into.context(place.program, using)
    frame.step("mergeInto", into.text, condition(into, ctx, node.args["on"]), comments=lines_in(node.args["on"]))
    if node.args.get("schema_evolution"):
        frame.step("withSchemaEvolution")
    for one in node.args["whens"].expressions:
        _when(_seen(place, one, into, using), into, frame, one)
    frame.step("merge")
    finished(place, frame, lines(node))


def changed(place: Place, into: Target, where: exp.Expr | None, sets: list[exp.Expr] | None, said: list[str]) -> None:
    """Writes an UPDATE of one table (sets: its assignments) or a DELETE (None): a merge of one row that is no data.

    Every row of the table then meets exactly one row, whether or not others are like it.
    """
    ctx = into.context(place.program)
    frame = Frame("spark.range(1)")
    test = condition(into, ctx, where) if where is not None else "F.lit(True)"
    frame.step("mergeInto", into.text, test, comments=lines_in(where) if where is not None else [])
    frame.step("whenMatched")
    if sets is None:
        frame.step("delete")
    else:
        frame.step("update", assignments(ctx, into, sets))
    frame.step("merge")
    finished(place, frame, said)


def finished(place: Place, frame: Frame, said: list[str]) -> None:
    """Enters the chain into the program, as a statement that gives nothing."""
    written(place, frame, said)
    place.program.note(COUNTS)


def written(place: Place, frame: Frame, said: list[str], before: str = "") -> None:
    """Enters a chain as a statement of its own, in parentheses where it is longer than a line."""
    above = "".join(f"# {line}\n" for line in said) + before
    short = "\n" not in frame.text and len(frame.text) <= WIDTH - (4 if before else 0)
    place.program.statements.append(above + (frame.text if short else f"(\n{frame.text}\n)"))


def condition(into: Target, ctx: Context, node: exp.Expr) -> str:
    """A condition on the table's rows and those that are merged. Raises Refusal for a subquery."""
    without_subquery(node)
    return conjunction(ctx, conjuncts(into.told(node, ctx)))


def assignments(ctx: Context, into: Target, sets: list[exp.Expr]) -> str:
    """The dictionary of an update, column by column. Raises Refusal for a subquery, and for a column set twice."""
    found: dict[str, str] = {}
    if not sets:
        raise refuse(into.node, "UPDATE", "it assigns no column", "write SET column = value")
    for one in sets:
        if not isinstance(one, exp.EQ):
            raise refuse(one, f"SET {one.sql('spark')[:40]}", "it is no assignment of one column",
                         "write column = value")  # fmt: skip
        name = into.assigned(one.this)
        if name in found:
            raise refuse(one, f"SET {name}", "the column is assigned twice")
        above = "".join(f"\n# {line}\n" for line in lines_in(one))
        found[name] = above + repr(name) + ": " + value(ctx, into, one.expression)
    return f"{{{', '.join(found.values())}}}"


def value(ctx: Context, into: Target, node: exp.Expr) -> str:
    """A value that a column gets, as a Column."""
    if is_default(node):
        ctx.program.note(NO_DEFAULT)
        return "F.lit(None)"
    without_subquery(node)
    return ctx.code(into.told(node, ctx)).column().text


def without_subquery(node: exp.Expr) -> None:
    """Raises Refusal for a subquery: Delta takes none in the conditions and values of a merge."""
    found = node.find(exp.Query)
    if found is not None:
        raise refuse(found, "A subquery in MERGE", "Delta takes none in its conditions and values",
                     "compute it in the query behind USING")  # fmt: skip


def _using(place: Place, node: exp.Merge, into: Target) -> tuple[Source, Frame]:
    """The source of the rows that are merged, and its frame under its alias."""
    ctx = into.context(place.program)
    found, frame = source(place, node.args["using"], ctx.scope)
    found.alias = found.alias or "source"
    if found.alias.lower() == into.short.lower():
        raise refuse(node.args["using"], f"A source named {found.alias} as the table that is written",
                     "the code tells columns by the table's name", "give the source another alias")  # fmt: skip
    found.qualified = True
    frame = settled(place.program, frame, found.alias)
    frame.step("alias", repr(found.alias))
    return found, frame


def _seen(place: Place, when: exp.Expr, into: Target, using: Source) -> Context:
    """What a clause can name: both sides where they match, else the one that has a row."""
    if when.args.get("matched"):
        return into.context(place.program, using)
    if when.args.get("source"):
        return into.context(place.program)
    return Context(place.program, Scope(sources=[using]))


def _when(ctx: Context, into: Target, frame: Frame, node: exp.Expr) -> None:
    then, test = node.args["then"], node.args.get("condition")
    matched, by_source = node.args.get("matched"), node.args.get("source")
    name = "whenMatched" if matched else "whenNotMatchedBySource" if by_source else "whenNotMatched"
    frame.step(name, *([condition(into, ctx, test)] if test is not None else []), comments=lines_in(test, node))
    if isinstance(then, exp.Insert) and not matched and not by_source:
        _insert(ctx, into, frame, then)
    elif isinstance(then, exp.Update) and (matched or by_source):
        if isinstance(then.expressions, exp.Star) or [type(one) for one in then.expressions] == [exp.Star]:
            frame.step("updateAll")
        else:
            frame.step("update", assignments(ctx, into, then.expressions))
    elif isinstance(then, exp.Var) and then.name.upper() == "DELETE":
        frame.step("delete")
    else:
        raise refuse(node, f"WHEN ... THEN {then.sql('spark')[:40]}", "mergeInto has no such clause")


def _insert(ctx: Context, into: Target, frame: Frame, node: exp.Insert) -> None:
    if isinstance(node.this, exp.Star):
        frame.step("insertAll")
        return
    names = [one.name for one in node.this.expressions] if node.this is not None else []
    columns = into.columns(names, node, "INSERT without column names")
    values = list(node.expression.expressions) if isinstance(node.expression, exp.Tuple) else [node.expression]
    if len(values) != len(columns):
        raise refuse(node, "INSERT", f"it has {len(values)} values for {len(columns)} columns")
    pairs = [
        f"{one.name!r}: {value(ctx, into, item)}"
        for one, item in zip(columns, values, strict=True)
        if not is_default(item)
    ]
    frame.step("insert", f"{{{', '.join(pairs)}}}")
