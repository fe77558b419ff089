"""What the parser reads one way and Spark another, put right in the tree before any stage sees it."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from helpers.bridge.refusal import refuse

_PART = re.compile(r"`((?:[^`]|``)+)`|([^.`]+)")


def settled(tree: exp.Expr) -> exp.Expr:
    """The same tree, put right in place. Raises Refusal for an IDENTIFIER clause that is not constant."""
    for node in list(tree.walk()):
        put = _RIGHT.get(type(node))
        if put is not None:
            put(node)
    return tree


def one_text(node: exp.Expr) -> exp.Expr | None:
    """Joined texts that are all written out, as one, as 'a' 'b' are; None where one is computed."""
    parts = node.expressions
    written = all(isinstance(one, exp.Literal) and one.is_string for one in parts)
    return exp.Literal.string("".join(one.this for one in parts)) if written else None


def _joined_texts(node: exp.Expr) -> None:
    if (one := one_text(node)) is not None:
        node.replace(one)


def _any(node: exp.Expr) -> None:
    """any(condition) is an aggregate, but where something is compared or matched with it."""
    if isinstance(node.parent, exp.Binary) and node.arg_key == "expression":
        return
    inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
    node.replace(exp.Anonymous(this="any", expressions=[inner]))


def _called(node: exp.Expr) -> None:
    assert isinstance(node, exp.Anonymous)
    name = str(node.this).lower()
    if name == "identifier":
        _identifier(node)
    elif name in _WITH_UNIT and len(node.expressions) == 3 and isinstance(node.expressions[0], exp.Column):
        # A unit is a word, and no column of it.
        node.expressions[0].replace(exp.var(node.expressions[0].name))


_WITH_UNIT = ("dateadd", "timestampadd", "date_add", "datediff", "timestampdiff", "date_diff")


def _identifier(node: exp.Anonymous) -> None:
    """IDENTIFIER('a.b') is the column or the table of that name."""
    text = node.expressions[0] if len(node.expressions) == 1 else None
    if not isinstance(text, exp.Literal) or not text.is_string:
        raise refuse(node, "IDENTIFIER", "its name is not a constant text", "write the name")
    parts = [exp.to_identifier((ticked or plain).replace("``", "`"), quoted=True)
             for ticked, plain in _PART.findall(text.this)]  # fmt: skip
    if isinstance(node.parent, exp.Table):
        keys = ("this", "db", "catalog")
        for key, part in zip(keys, reversed(parts), strict=False):
            node.parent.set(key, part)
        return
    node.replace(exp.column(*reversed(parts[-2:])) if len(parts) < 3 else exp.Column(this=parts[-1], table=parts[-2]))


_RIGHT: dict[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.Concat: _joined_texts,
    exp.Any: _any,
    exp.Anonymous: _called,
}
