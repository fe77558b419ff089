"""PostgreSQL's texts: joined, formatted, cast from and to other types."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces, shared
from helpers.bridge.foreign.postgres.dates import has_zone
from helpers.bridge.foreign.postgres.intervals import written
from helpers.bridge.foreign.reader import WHOLE, Reader, call, told
from helpers.bridge.refusal import refuse
from helpers.bridge.settle import one_text

_TRUE = {word[:size] for word in ("true", "yes") for size in range(1, 5)} | {"on", "1"}
_FALSE = {word[:size] for word in ("false", "no") for size in range(1, 6)} | {"of", "off", "0"}
_KNOWN = ("smallint", "int", "bigint", "decimal", "double", "float", "boolean", "text", "varchar", "char", "bpchar",
          "date", "timestamp", "timestamptz")  # fmt: skip
"""The types that a cast may go to."""
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_EXACT = (exp.Literal, exp.Identifier, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Sum, exp.Min, exp.Max,
          exp.Abs, exp.DataType, exp.DataTypeParam)  # fmt: skip
_STRING = "string"


def _type(text: str) -> exp.DataType:
    return exp.DataType.build(text, dialect="spark")


def as_text(reading: Reader, node: exp.Expr) -> exp.Expr:
    """What a value looks like where it is joined to a text. Raises Refusal where Spark writes it otherwise."""
    kind = reading.kind(node)
    if kind in ("double", "float"):
        return _double(node)
    if kind == "interval":
        raise refuse(node, "An interval as text", "Spark writes it otherwise", "extract() its parts")
    if has_zone(node):
        raise refuse(node, "A time with zone as text", "PostgreSQL writes the zone behind it", "use to_char()")
    if kind == "boolean" or isinstance(node.unnest(), exp.Predicate):
        return exp.Cast(this=node.copy(), to=_type(_STRING))
    if kind == "decimal":
        return _exact(reading, node)
    return node.copy()


def _exact(reading: Reader, node: exp.Expr) -> exp.Expr:
    """A numeric as text, where its digits behind the point are as many as there."""
    inner = node.unnest()
    if isinstance(inner, exp.Round) and (pieces.number(inner.args.get("decimals")) or 0) >= 0:
        digits = inner.args.get("decimals")
        if digits is None or pieces.number(digits) is not None:
            return exp.Cast(this=node.copy(), to=_type(f"decimal(38,{pieces.number(digits) or 0})"))
    given = isinstance(inner, exp.Cast) and not inner.meta.get("any_digits")
    whole = "whole" in inner.meta and not inner.find(exp.Div, exp.Avg)
    if given or whole or all(_keeps_digits(reading, one) for one in node.walk()):
        return node.copy()
    raise refuse(node, f"{node.sql('postgres')[:40]} as text", "Spark keeps another number of digits",
                 "cast it to numeric(p,s) first")  # fmt: skip


def _keeps_digits(reading: Reader, node: exp.Expr) -> bool:
    if isinstance(node, exp.Column):
        return reading.names.origin(node) is not None
    if isinstance(node, exp.Cast):
        return not node.meta.get("any_digits")
    return isinstance(node, _EXACT)


def _double(node: exp.Expr) -> exp.Expr:
    inner = node.this if isinstance(node, exp.Cast) else node
    text = inner.this if isinstance(inner, exp.Literal) and not inner.is_string else ""
    value = float(text) if text else 0.0
    if not text or (value and not 1e-4 <= value < 1e15):
        raise refuse(node, "A double as text", "PostgreSQL writes 1, Spark 1.0", "cast to numeric(p,s) first")
    return exp.Literal.string(repr(value).removesuffix(".0"))


def cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Casts: integers are rounded, varchar(n) is cut, numeric without digits keeps its fraction."""
    to, inner = node.args["to"], node.this
    kind = reading.kind(inner)
    if to.is_type("date", "timestamp", "timestamptz") and isinstance(inner, exp.Literal) and inner.is_string:
        inner.set("this", pieces.dated(inner.this) or inner.this)
    if to.is_type("interval") and isinstance(inner, exp.Literal) and inner.is_string:
        return written(reading, inner)
    if to.is_type("json", "jsonb"):
        return told(inner.copy(), "json")
    if not to.is_type(*_KNOWN) or (to.expressions and not to.is_type("decimal", "varchar", "char", "bpchar")):
        raise refuse(
            node, f"A cast to {to.sql('postgres').lower()}", "Spark has no such type, or rounds otherwise to it"
        )
    if kind == "interval":
        raise refuse(node, "A cast of an interval", "Spark writes and counts it otherwise", "extract() its parts")
    if to.is_type("char", "bpchar"):
        return _padded(node, to)
    if to.is_type("varchar") and to.expressions:
        text = exp.Cast(this=as_text(reading, inner), to=_type(_STRING))
        return exp.Substring(this=text, start=exp.Literal.number(1), length=to.expressions[0].this.copy())
    if "whole" in inner.meta and to.is_type("decimal", "double"):
        node.meta["whole"] = True
    if to.is_type("decimal") and not to.expressions:
        if kind == "decimal":
            return told(inner.copy(), kind)
        node.meta["any_digits"] = True
        reading.note("numeric without digits became DECIMAL(38,10).")
        node.set("to", _type("decimal(38,10)"))
        return None
    if to.is_type("text", "varchar"):
        return exp.Cast(this=as_text(reading, inner), to=_type(_STRING))
    if to.is_type("boolean"):
        return _boolean(node)
    if "whole" in inner.meta and to.sql("spark").lower() in WHOLE:
        return None
    return shared.rounding_cast(reading, node)


def _boolean(node: exp.Expr) -> exp.Expr | None:
    """A word as a boolean: Spark knows fewer of them."""
    if not isinstance(node.this, exp.Literal) or not node.this.is_string:
        return None
    word = node.this.this.strip().lower()
    if word not in _TRUE | _FALSE:
        raise refuse(node, f"The boolean {node.this.this!r}", "it is none in PostgreSQL either")
    return exp.Boolean(this=word in _TRUE)


def _padded(node: exp.Expr, to: exp.DataType) -> exp.Expr:
    """char(n), whose blanks at the end count for nothing where it is compared, measured or joined."""
    above = node.parent
    other = None
    if isinstance(above, _COMPARISONS):
        other = above.expression if above.this is node else above.this
    blank = isinstance(other, exp.Literal) and other.this != other.this.rstrip(" ")
    if not isinstance(above, (*_COMPARISONS, exp.Length, exp.DPipe)) or blank:
        raise refuse(node, "A cast to char(n)", "it pads with blanks; Spark's does not", "use varchar(n) or rpad()")
    size = to.expressions[0].this.copy() if to.expressions else exp.Literal.number(1)
    text = (
        node.this.copy() if isinstance(node.this, exp.Literal) else exp.Cast(this=node.this.copy(), to=_type(_STRING))
    )
    cut = exp.Substring(this=text, start=exp.Literal.number(1), length=size)
    return told(call("rtrim", cut), "string")


def concat(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """concat() skips NULL, and writes booleans as t and f; constants on lines below each other are one."""
    called = node.args.get("safe")
    if not called and (one := one_text(node)) is not None:
        return one
    return told(call("concat_ws", "", *(_joined(reading, one) for one in node.expressions)), "string")


def _joined(reading: Reader, node: exp.Expr) -> exp.Expr:
    if reading.kind(node) == "boolean" or isinstance(node.unnest(), exp.Predicate):
        raise refuse(node, "A boolean among joined texts", "PostgreSQL writes t, Spark true",
                     "write CASE WHEN ... THEN 't' ELSE 'f' END")  # fmt: skip
    return as_text(reading, node)


def concat_ws(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """concat_ws() skips NULL."""
    return told(call("concat_ws", *(_joined(reading, one) for one in node.expressions)), "string")


def piped(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """||, which joins texts, and arrays."""
    for key in ("this", "expression"):
        part = node.args[key]
        if isinstance(part, exp.DPipe):
            continue
        if isinstance(part, exp.Array) != isinstance(
            node.args["this" if key == "expression" else "expression"], exp.Array
        ):
            raise refuse(node, "An array || another value", "an element and an array are not told apart",
                         "write both sides as arrays")  # fmt: skip
        if not isinstance(part, exp.Array):
            node.set(key, as_text(reading, part))
    return None


def formatted(reading: Reader, node: exp.Expr) -> exp.Expr:
    """format() with %s: NULL is the empty text, as in a joined text that skips it."""
    pattern, values = node.this, list(node.expressions)
    found = re.findall(r"%%|%.?|[^%]+", pattern.this) if isinstance(pattern, exp.Literal) else []
    if not found or any(one[0] == "%" and one not in ("%%", "%s") for one in found):
        raise refuse(node, "format()", "only %s and %% of a constant format are known", "write it with ||")
    if found.count("%s") > len(values):
        raise refuse(node, "format()", "it has fewer values than places")
    parts: list[exp.Expr | str] = []
    for one in found:
        if one == "%s":
            parts.append(_joined(reading, values.pop(0)))
        elif parts and isinstance(parts[-1], str):
            parts[-1] += one.replace("%%", "%")
        else:
            parts.append(one.replace("%%", "%"))
    return told(call("concat_ws", "", *parts), "string")


def ordered_texts(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> None:
    """A note where texts are ordered: by their codes in Spark, by the database's locale in PostgreSQL."""
    if not isinstance(node, exp.EQ | exp.NEQ) and any(reading.kind(one) == "string" for one in parts):
        reading.note("Texts are ordered by their codes, as in PostgreSQL with the locale C: with another one, "
                     "letters of either case may stand together.")  # fmt: skip


def initcap(reading: Reader, node: exp.Expr) -> exp.Expr:
    """initcap(): a word ends at whatever is no letter or digit, in Spark at a blank only."""
    words = call("split", node.this.copy(), r"(?<=[^\p{L}\p{N}])")
    word = exp.to_identifier("word")
    each = exp.Lambda(this=call("initcap", word.copy()), expressions=[word])
    return told(call("array_join", call("transform", words, each), ""), "string")


def hexadecimal(reading: Reader, node: exp.Expr) -> exp.Expr:
    """to_hex(): of a negative integer the 32 bits that it has there."""
    value = node.expressions[0]
    kind = reading.kind(value)
    if kind not in WHOLE:
        raise refuse(node, "to_hex()", "it is known of whole numbers", "give the schema")
    inner = value.copy()
    if kind != "bigint" and not isinstance(value, exp.Literal):
        bits = exp.Cast(this=inner, to=_type("bigint"))
        inner = exp.BitwiseAnd(this=bits, expression=exp.Literal.number(2**32 - 1))
    return told(exp.Lower(this=call("hex", inner)), "string")


def kept(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A text's pieces exchanged, which Spark does alike."""
    told(node, "string")
    return None
