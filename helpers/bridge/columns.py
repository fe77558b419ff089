"""What SELECT gives: items and stars, as columns of a frame."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context
from helpers.bridge.items import Item
from helpers.bridge.pipes import SETS_A_COLUMN
from helpers.bridge.program import Frame
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field


def is_star(one: Item) -> bool:
    """Whether it is * or has one behind a name."""
    return isinstance(one.node, exp.Star) or (isinstance(one.node, exp.Column) and one.node.is_star)


def is_edited(star: exp.Expr) -> bool:
    """Whether a star leaves out, replaces or renames columns."""
    return any(star.args.get(key) for key in ("except_", "replace", "rename"))


def project(ctx: Context, frame: Frame, items: list[Item]) -> None:
    """The step that gives the items. Raises Refusal for stars that Spark has not."""
    if len(items) == 1 and isinstance(items[0].node, exp.Star):
        star = items[0].node
        if star.meta.get(SETS_A_COLUMN):
            (changed,) = star.args["replace"]
            frame.step("withColumn", repr(changed.alias), ctx.code(changed.this).column().text)
            return
        if star.args.get("replace") or star.args.get("rename"):
            raise refuse(star, "SELECT * REPLACE", "Spark has no such star")
        frame.step("drop", *(repr(one.name) for one in star.args["except_"]))
        return
    texts = []
    for one in items:
        if isinstance(one.node, exp.Star):
            if is_edited(one.node):
                raise refuse(
                    one.node,
                    "* EXCEPT beside other items",
                    "drop() takes columns off a whole frame",
                    "name the columns",
                )
            texts.append("'*'")
        elif is_star(one):
            alone = len(ctx.scope.sources) == 1 and _whole(ctx, one.node)
            texts.append(repr("*" if alone else f"{one.node.text('table')}.*"))
        else:
            texts.append(one.code(ctx, one.name))
    frame.step("select", *texts)


def _whole(ctx: Context, star: exp.Expr) -> bool:
    """Whether a star with a name before it means a table; else it means the fields of a struct."""
    return any(one.alias.lower() == star.text("table").lower() for one in ctx.scope.sources)


def fields_of(ctx: Context, items: list[Item]) -> tuple[Field, ...] | None:
    """The columns that the items give; None where those of a star are not known."""
    found: list[Field] = []
    for one in items:
        if not is_star(one):
            if one.generator and not one.aliased:
                return None
            found.extend(one.fields(ctx))
            continue
        table = one.node.text("table").lower()
        if table and not _whole(ctx, one.node):
            return None
        merged: set[str] = set()
        for source in ctx.scope.sources:
            if source.hidden or table not in ("", source.alias.lower()):
                continue
            if source.fields is None:
                return None
            for entry in source.fields:
                name = entry.name.lower()
                if not table and name in ctx.scope.merged:
                    if name in merged:
                        continue
                    merged.add(name)
                found.append(entry)
        dropped = {column.name.lower() for column in one.node.args.get("except_") or []}
        found = [entry for entry in found if entry.name.lower() not in dropped]
    return tuple(found)


def all_made(ctx: Context, node: exp.Select, items: list[Item]) -> bool:
    """Whether the items are all columns, in their order, of the one query that stands in FROM."""
    origin = node.args.get("from_")
    if origin is None or len(ctx.scope.sources) != 1 or node.args.get("qualify"):
        return False
    named = not origin.this.args.get("db") and origin.this.name.lower() in ctx.scope.ctes
    if not (named or isinstance(origin.this, exp.Subquery)):
        return False
    names = [one.name for one in ctx.scope.sources[0].fields or ()]
    if len({name.lower() for name in names}) < len(names):
        return False
    if not all(isinstance(one.node, exp.Column) and not is_star(one) for one in items):
        return False
    found = [ctx.scope.find(one.node) for one in items if isinstance(one.node, exp.Column)]
    own_ones = all(one.depth == 0 and one.source is not None and not one.path for one in found)
    return own_ones and [one.field.name for one in found] == [one.name for one in items] == names
