"""Pieces of Python text that know how tightly they bind and what they stand for."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["column", "value"]

_DECIMAL = re.compile(r"(-?)Decimal\(\"([\d.]+)\"\)")
# How tightly Python binds, loosest first.
COMPARE, OR, XOR, AND, ADD, MUL, UNARY, ATOM = range(8)


@dataclass(frozen=True)
class Py:
    """One Python expression.

    level: how tightly its outermost operator binds; kind: a Column, or a plain value of Python;
    name: the text that stands for it where a function takes a column's name ("" = none);
    told: whether Spark names the result as it would in SQL.
    """

    text: str
    level: int = ATOM
    kind: Kind = "column"
    name: str = ""
    told: bool = True

    def inside(self, level: int) -> str:
        """The text as an operand of an operator that binds so tightly."""
        return self.text if self.level >= level else f"({self.text})"

    def column(self) -> Py:
        """The same as a Column: a plain value becomes a literal."""
        if self.kind == "column":
            return self
        found = _DECIMAL.fullmatch(self.text)
        if found is None:
            return Py(f"F.lit({self.text})", told=self.told)
        # Over Spark Connect a Decimal has ten digits at least, and what is computed with it another type.
        digits = found[2].replace(".", "").lstrip("0")
        scale = len(found[2].partition(".")[2])
        return Py(f"F.lit('{found[1]}{found[2]}').cast('decimal({max(len(digits), scale, 1)},{scale})')", told=False)

    def exact(self) -> Py:
        """The same where its very type matters: a plain Decimal as a Column of its digits."""
        return self.column() if _DECIMAL.fullmatch(self.text) else self

    def double(self) -> Py:
        """The same where Spark makes a double of it: a plain Decimal as a number of Python."""
        found = _DECIMAL.fullmatch(self.text)
        # A decimal has no zero below zero.
        return replace(self, text=repr(float(found[1] + found[2]) + 0.0), told=False) if found is not None else self

    def short(self) -> str:
        """The shortest text where a function takes a Column or a column's name."""
        return repr(self.name) if self.name else self.column().text

    def untold(self) -> Py:
        """The same, named otherwise than in SQL."""
        return replace(self, told=False)


def call(function: str, arguments: Iterable[str], told: bool = True) -> Py:
    """A call of a function of pyspark.sql.functions or of a constructor."""
    return Py(f"{function}({', '.join(arguments)})", told=told)


def method(target: Py, name: str, arguments: Iterable[str], told: bool = True) -> Py:
    """A call of a method of a Column."""
    return Py(f"{target.column().inside(ATOM)}.{name}({', '.join(arguments)})", told=told)


def binary(left: Py, operator: str, right: Py, level: int) -> Py:
    """Left and right joined by an operator, at least one of them a Column."""
    if level > COMPARE:
        left, right = left.exact(), right.exact()
    if left.kind == "value" and (right.kind == "value" or left.text[0] in "'\""):
        left = left.column()
    # Comparisons do not chain: both sides bind tighter.
    text = f"{left.inside(level + (level == COMPARE))} {operator} {right.inside(level + 1)}"
    return Py(text, level, told=left.told and right.told)


def identifier(name: str) -> str:
    """A Python name made of a SQL name."""
    text = re.sub(r"\W", "_", name) or "frame"
    if text[0].isdigit():
        text = f"_{text}"
    return f"{text}_" if keyword.iskeyword(text) or text in ("F", "Window", "Decimal", "date") else text


def quoted(name: str) -> str:
    """A column's name as Spark reads it in a string: with backticks where it holds a dot or a backtick."""
    return "`" + name.replace("`", "``") + "`" if re.search(r"[.`]", name) or name == "*" else name


def listed(items: Sequence[str]) -> str:
    """A Python list."""
    return f"[{', '.join(items)}]"
