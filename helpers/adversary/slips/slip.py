"""One slip: what a node of a query's tree becomes, and how that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.steps import shifted_text


@dataclass(frozen=True)
class Slip:
    """What stands in a node's place afterwards (None = the node is dropped), and the sentence about it."""

    kind: str
    after: exp.Expr | None
    sentence: str


Maker = Callable[[exp.Expr, Names], Iterator[Slip]]
"""One kind of mutation: the slips possible at one node. It reads the node and never changes it."""


def changed(node: exp.Expr, **args: Any) -> exp.Expr:
    """A copy of the node with these arguments set; None removes one."""
    copy = node.copy()
    for name, value in args.items():
        copy.set(name, value.copy() if isinstance(value, exp.Expr) else value)
    return copy


def text(node: exp.Expr) -> str:
    """The node as Spark SQL."""
    return node.sql("spark")


def became(before: exp.Expr, after: exp.Expr) -> str:
    """The plain sentence for an expression that another one replaces."""
    return f"{text(before)} became {text(after)}"


def without(node: exp.Expr, name: str, position: int) -> exp.Expr:
    """A copy of the node whose list argument lacks one element."""
    return changed(node, **{name: [part.copy() for index, part in enumerate(node.args[name]) if index != position]})


def shifted(literal: exp.Literal, kind: str = "") -> list[exp.Literal]:
    """The literal one step below and above: a number by its last digit, a date by a day, a timestamp by a second."""
    texts = shifted_text(literal.this, literal.is_string, kind)
    return [exp.Literal(this=value, is_string=literal.is_string) for value in texts]
