"""Constants of SQL as constants of Python."""

from __future__ import annotations

import datetime
import re

from sqlglot import exp

from helpers.bridge.python import UNARY, Py, call
from helpers.bridge.refusal import refuse

INT_MAX, LONG_MAX = 2**31 - 1, 2**63 - 1
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_DECIMAL = "from decimal import Decimal"
_DATETIME = "from datetime import date"


def value(text: str, **more: object) -> Py:
    """A plain value of Python."""
    return Py(text, kind="value", **more)  # type: ignore[arg-type]


def number(node: exp.Literal, imports: set[str]) -> Py:
    """A number: SQL takes one with a point for DECIMAL, Python for a double."""
    text = node.this
    if "e" in text.lower():
        return value(repr(float(text)))
    if "." in text:
        imports.add(_DECIMAL)
        # As an argument it becomes a cast of a text, and is named so.
        return value(f'Decimal("{text}")', told=False)
    whole = int(text)
    if whole > LONG_MAX:
        imports.add(_DECIMAL)
        return value(f'Decimal("{text}")', told=False)
    return value(str(whole))


def literal(node: exp.Literal, imports: set[str]) -> Py:
    """A number or a text."""
    return value(repr(node.this)) if node.is_string else number(node, imports)


def negative(inner: Py) -> Py:
    """A number with a minus before it."""
    # Python's minus before a column is the function negative(), and named so.
    told = inner.told and inner.kind == "value"
    return Py(f"-{inner.inside(UNARY)}", UNARY, inner.kind, told=told)


def day(node: exp.Cast, imports: set[str]) -> Py | None:
    """A date's constant, of DATE '...' or CAST('...' AS DATE); None where the text is no plain date."""
    found = _DATE.match(node.this.this.strip())
    if not found:
        return None
    try:
        date = datetime.date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise refuse(node, f"The date '{node.this.this}'", f"there is no such day ({error})") from None
    imports.add(_DATETIME)
    return value(f"date({date.year}, {date.month}, {date.day})", told=False)


def binary_text(node: exp.HexString) -> Py:
    """A binary constant, X'1F'."""
    text = node.this if len(node.this) % 2 == 0 else f"0{node.this}"
    return call("F.lit", [f"bytes.fromhex({text!r})"], told=False)
