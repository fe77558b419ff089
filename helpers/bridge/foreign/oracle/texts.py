"""Oracle's texts: an empty one is NULL, and numbers become texts without idle zeros."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.oracle import numbers
from helpers.bridge.foreign.oracle.kinds import MOMENTS, ORDER, WHOLE, copied, kind_of, told
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse


def text_of_number(digits: str) -> str:
    """A number as Oracle writes it: no zero before the point, none behind the last digit."""
    whole, _, part = digits.partition(".")
    part = part.rstrip("0")
    whole = whole.lstrip("0")
    return f"{whole}.{part}" if part else (whole or "0")


def as_text(reading: Reader, node: exp.Expr, sure: bool = False) -> exp.Expr:
    """What becomes a text as the text that Oracle makes of it. sure: refuse what is of a kind not known."""
    kind = kind_of(reading, node)
    if kind in ("string", "null"):
        return copied(reading, node)
    if kind in MOMENTS:
        raise refuse(node, f"The date {node.sql('oracle')[:40]} as a text", "its format is a setting of the session",
                     "write TO_CHAR with a format")  # fmt: skip
    if isinstance(node, exp.Literal):
        return exp.Literal.string(text_of_number(node.this))
    if kind in WHOLE:
        return told(numbers.cast(node.copy(), "string"), "string")
    digits = _digits(node)
    if digits == 0 and kind in ORDER:
        whole = numbers.cast(node.copy(), "bigint")
        return told(numbers.cast(whole, "string"), "string")
    if kind in ("ratio", "double") and digits is not None:
        return _trimmed(numbers.cast(node.copy(), f"decimal(38,{digits})"))
    if kind == "decimal":
        return _trimmed(node.copy())
    if kind in ORDER:
        raise refuse(node, f"The quotient {node.sql('oracle')[:40]} as a text", "Oracle writes up to 40 digits of it",
                     "round() it, or write TO_CHAR with a format")  # fmt: skip
    if sure and not kind:
        raise refuse(node, f"{node.sql('oracle')[:40]} as a text", "it may be a text, a number or a date",
                     "give the schema, or write TO_CHAR with a format")  # fmt: skip
    if not kind:
        reading.note(f"{node.sql('oracle')[:40]} is taken for a text: with the schema it would be told.")
    return node.copy()


def _digits(node: exp.Expr) -> int | None:
    """To how many digits a number is rounded; None where that is not written out."""
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, exp.Round):
        return 0 if isinstance(node, exp.Sign) else None
    digits = node.args.get("decimals")
    found = 0 if digits is None else number(digits)
    return None if found is None else max(0, found)


def _trimmed(node: exp.Expr) -> exp.Expr:
    plain = numbers.cast(node, "string")
    short = call("regexp_replace", plain, r"\.0+$|(\.\d*[1-9])0+$", "$1")
    return told(call("regexp_replace", short, r"^(-?)0\.", "$1."), "string")


def or_null(node: exp.Expr) -> exp.Expr:
    """The text, or NULL where it is empty."""
    return told(exp.Nullif(this=node, expression=exp.Literal.string("")), "string")


def empty(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """'' is NULL."""
    if node.is_string and node.this == "":
        reading.note("The constant '' became NULL, which it is in Oracle.")
        return exp.Null()
    return None


def wide(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """N'...' and q'[...]' are texts as any other."""
    text = node.this if isinstance(node.this, str) else node.this.name
    return exp.Literal.string(text) if text else exp.Null()


def joined(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """|| and CONCAT take NULL for an empty text, and an empty result for NULL."""
    parts: list[exp.Expr] = list(node.expressions)
    if isinstance(node, exp.DPipe):
        if isinstance(node.parent, exp.DPipe):
            return None
        here: exp.Expr = node
        while isinstance(here, exp.DPipe):
            parts.insert(0, here.expression)
            here = here.this
        parts.insert(0, here)
    texts = [as_text(reading, one, sure=True) for one in parts if not isinstance(one, exp.Null)]
    if not texts:
        return exp.Null()
    if len(texts) == 1:
        return told(exp.Paren(this=texts[0]), "string")
    made = call("concat_ws", "", *texts)
    never_empty = any(isinstance(one, exp.Literal) for one in texts)
    return told(made, "string") if never_empty else or_null(made)


def shortened(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TRIM, LPAD and TRANSLATE give NULL where nothing is left."""
    node.set("this", as_text(reading, node.this))
    if isinstance(node, exp.Pad) and node.args.get("fill_pattern") is None:
        node.set("fill_pattern", exp.Literal.string(" "))
    filled = isinstance(node, exp.Pad) and (number(node.expression) or 0) > 0
    return None if filled else or_null(node.copy())


def replaced(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REPLACE by NULL leaves out; where NULL is searched, nothing is replaced."""
    text, part = as_text(reading, node.this), as_text(reading, node.expression)
    new = node.args.get("replacement")
    new = exp.Literal.string("") if new is None or isinstance(new, exp.Null) else as_text(reading, new)
    if isinstance(part, exp.Null):
        return exp.Paren(this=text)
    if not isinstance(new, exp.Literal):
        new = exp.Coalesce(this=new, expressions=[exp.Literal.string("")])
    made: exp.Expr = exp.Replace(this=text.copy(), expression=part, replacement=new)
    if not isinstance(part, exp.Literal):
        made = exp.Coalesce(this=made, expressions=[text])
    return or_null(made)


def measured(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LENGTH, UPPER and their kin of a number: of its text."""
    node.set("this", as_text(reading, node.this))
    if isinstance(node, exp.Ascii) and not isinstance(node.this, exp.Literal):
        reading.note("ASCII of a character beyond ASCII is a number of bytes in Oracle, its code point in Spark.")
    return None


def _positive(node: exp.Expr) -> bool:
    """Whether a place in a text is surely none from its end."""
    if isinstance(node, exp.Paren):
        return _positive(node.this)
    if isinstance(node, exp.Add):
        return _positive(node.this) and _positive(node.expression)
    if isinstance(node, exp.Anonymous | exp.Case) and node.meta.get("kind") == "int":
        return bool(node.meta.get("place"))
    found = number(node)
    return isinstance(node, exp.Length | exp.StrPosition) or (found is not None and found >= 0)


def piece(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """SUBSTR from before the beginning is NULL; a start of 0 is 1."""
    text, start = as_text(reading, node.this), node.args.get("start")
    for key in ("start", "length"):
        if kind_of(reading, node.args.get(key) or exp.Null()) in ("decimal", "ratio", "double", "bigint"):
            node.set(key, numbers.cast(node.args[key].copy(), "int"))
    node.set("this", text)
    found = number(start)
    if found == 0:
        node.set("start", exp.Literal.number(1))
    made = or_null(node.copy())
    if start is None or _positive(start) or (found and isinstance(text, exp.Literal) and len(text.this) >= -found):
        return made
    size: exp.Expr = exp.Length(this=text.copy())
    least: exp.Expr = exp.Literal.number(-found) if found is not None else exp.Neg(this=exp.Paren(this=start.copy()))
    inside = exp.GTE(this=size, expression=least)
    return told(exp.Case(ifs=[exp.If(this=inside, true=made)]), "string")


def place(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """INSTR: the n-th occurrence, from a place, or the last one."""
    text, part = as_text(reading, node.this), as_text(reading, node.args["substr"])
    start, times = node.args.get("position"), node.args.get("occurrence")
    first, count = (1 if one is None else number(one) for one in (start, times))
    if first == count == 1:
        return _place(call("instr", text, part))
    if count == 1 and start is not None and first != -1 and _positive(start):
        found_at = call("locate", part, text, start.copy())
        if first is not None:
            return _place(found_at)
        # From a place that is NULL, Spark finds it at 0.
        given = exp.Not(this=exp.Is(this=start.copy(), expression=exp.Null()))
        return _place(exp.Case(ifs=[exp.If(this=given, true=found_at)]))
    plain = part.this if isinstance(part, exp.Literal) else ""
    if count is None or count < 1 or first not in (1, -1) or (first == -1 and count != 1) or not plain:
        raise refuse(node, node.sql("oracle")[:40], "only the n-th from the beginning and the last one are known, of "
                     "a text that is written out")  # fmt: skip
    if count > 1 and any(plain.startswith(plain[size:]) for size in range(1, len(plain))):
        raise refuse(node, node.sql("oracle")[:40], "its occurrences may overlap, which Spark does not count")
    found = call("substring_index", text.copy(), part, exp.Literal.number(first * count))
    size, whole = exp.Length(this=found), exp.Length(this=text.copy())
    if first == 1:
        at: exp.Expr = exp.Add(this=size, expression=exp.Literal.number(1))
    else:
        at = exp.Sub(this=whole.copy(), expression=size.copy())
        if len(plain) == 1:
            return _place(exp.Paren(this=at))
        at = exp.Sub(this=at, expression=exp.Literal.number(len(plain) - 1))
    absent = exp.EQ(this=size.copy(), expression=whole)
    return _place(exp.Case(ifs=[exp.If(this=absent, true=exp.Literal.number(0))], default=at))


def _place(node: exp.Expr) -> exp.Expr:
    node.meta["place"] = True
    return told(node, "int")


def capitals(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """INITCAP: a word ends at whatever is no letter and no digit, in Spark at blanks only."""
    words = call("split", as_text(reading, node.this), r"(?<=[^\p{L}\p{N}])")
    item = exp.Lambda(this=call("initcap", exp.to_identifier("word")), expressions=[exp.to_identifier("word")])
    return told(call("array_join", call("transform", words, item), ""), "string")


def letter(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CHR of ASCII."""
    code = number(node.expressions[0])
    if code is None or not 0 < code < 128 or len(node.expressions) > 1:
        raise refuse(node, node.sql("oracle")[:40], "beyond ASCII it is bytes of the database's character set")
    return exp.Literal.string(chr(code))
