"""What the bridge says when it does not translate: the construct, its place, the reason and a way out."""

from __future__ import annotations

from sqlglot import exp

from helpers.core.errors import UserError


class Refusal(UserError):
    """A query that is not translated. Its text is one sentence.

    construct: what stands there, in SQL's words; line, column: its place in the text, from 1 (0 = not known);
    reason: why there is no DataFrame code for it; way_out: what to write instead.
    """

    def __init__(self, construct: str, reason: str, way_out: str = "", line: int = 0, column: int = 0) -> None:
        self.construct, self.reason, self.way_out = construct, reason, way_out
        self.line, self.column = line, column
        place = f" (line {line}, column {column})" if line else ""
        cause = f"{construct}{place} is not translated: {reason}"
        super().__init__(f"{cause}; {way_out}." if way_out else f"{cause}.")

    def __reduce__(self) -> tuple[type[Refusal], tuple[str, str, str, int, int]]:  # type: ignore[override]
        return type(self), (self.construct, self.reason, self.way_out, self.line, self.column)


def refuse(node: exp.Expr, construct: str, reason: str, way_out: str = "") -> Refusal:
    """The refusal of a node of the tree, with the place of its first word that the parser noted."""
    line, column = place(node)
    return Refusal(construct, reason, way_out, line, column)


def place(node: exp.Expr) -> tuple[int, int]:
    """Line and column of the node's first word in the text, from 1; (0, 0) where the parser noted none."""
    places = [
        (int(one.meta["line"]), max(1, int(one.meta["col"]) - int(one.meta["end"]) + int(one.meta["start"])))
        for one in (*node.walk(), *([node.parent] if node.parent else []))
        if "line" in one.meta and "col" in one.meta
    ]
    return min(places, default=(0, 0))
