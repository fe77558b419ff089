"""PostgreSQL's regular expressions and SIMILAR TO in Java's, which Spark has."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.reader import WHOLE, Reader, call, told
from helpers.bridge.refusal import refuse

_ATOM = re.compile(r"\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]])*\]|.", re.DOTALL)
_CLASSES = {"alpha": "Alpha", "digit": "Digit", "alnum": "Alnum", "upper": "Upper", "lower": "Lower", 
            "punct": "Punct", "space": "Space", "xdigit": "XDigit"}  # fmt: skip
_ESCAPES = set("dDsSwWAntrf")


def pattern_of(node: exp.Expr, pattern: exp.Expr | None) -> str:
    """Java's text of a constant regular expression. Raises Refusal for what is another thing there, or may be."""
    if not isinstance(pattern, exp.Literal) or not pattern.is_string:
        raise refuse(
            node, "A computed regular expression", "only one that is written out can be compared with Spark's"
        )
    text = pattern.this
    if text.startswith(("***", "(?")) or "(?<" in text:
        raise refuse(node, f"The regular expression {text!r}", "its options are not known to mean the same")
    made = ""
    for atom in _ATOM.findall(text):
        if len(atom) == 2 and atom[0] == "\\" and atom[1].isalnum() and atom[1] not in _ESCAPES:
            raise refuse(node, f"{atom} in a regular expression", "it is not known to mean the same in Spark")
        if atom[0] == "[" and len(atom) > 1:
            atom = _bracket(node, atom)
        made += atom
    return made


def _bracket(node: exp.Expr, atom: str) -> str:
    inner = atom[1:-1]
    for name in re.findall(r"\[:(\w+):\]", inner):
        if name not in _CLASSES:
            raise refuse(node, f"[:{name}:] in a regular expression", "Spark has no such class")
        inner = inner.replace(f"[:{name}:]", f"\\p{{{_CLASSES[name]}}}")
    if "[" in inner or "&&" in inner or inner.startswith(("]", "^]")):
        raise refuse(node, f"{atom} in a regular expression", "a bracket inside of brackets is another thing there",
                     "write a backslash before it")  # fmt: skip
    return f"[{inner}]"


def _one_way(node: exp.Expr, pattern: exp.Expr | None) -> str:
    """A pattern whose match has one length only: the longest one there is Java's first one."""
    text = pattern_of(node, pattern)
    plain = "".join("a" if len(one) > 1 else one for one in _ATOM.findall(text))
    if "|" in plain or re.search(r"[*+?}][?+]|\)[*+?{]", plain):
        raise refuse(node, f"A match of {text!r}", "PostgreSQL takes the longest one, Spark the first one that fits",
                     "write it without |, lazy parts and repeated groups")  # fmt: skip
    return text


def _groups(pattern: str) -> int:
    atoms = _ATOM.findall(pattern)
    return sum(one == "(" and (index + 1 == len(atoms) or atoms[index + 1] != "?") for index, one in enumerate(atoms))


def matched(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """~ and ~*, which ignores case."""
    text = pattern_of(node, node.expression)
    if isinstance(node, exp.RegexpILike):
        text = f"(?i){text}"
    made = exp.RegexpLike(this=node.this.copy(), expression=exp.Literal.string(text))
    if node.args.get("negate"):
        made.set("negate", True)
    return made


def similar(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """SIMILAR TO matches the whole text; % and _ are its wildcards, and a point is none."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or isinstance(node.parent, exp.Escape):
        raise refuse(node, "SIMILAR TO a computed pattern, or with ESCAPE", "only plain constants are known")
    made = ""
    for atom in _ATOM.findall(pattern.this):
        if len(atom) == 2 and atom[0] == "\\":
            made += re.escape(atom[1])
        elif len(atom) > 1:
            made += _bracket(node, atom)
        else:
            made += {"%": ".*", "_": "."}.get(atom, f"\\{atom}" if atom in "\\.^$" else atom)
    wild = "(?s)" if {"%", "_"} & set(pattern.this) else ""
    return exp.RegexpLike(this=node.this.copy(), expression=exp.Literal.string(f"{wild}^(?:{made})\\z"))


def replaced(reading: Reader, node: exp.Expr) -> exp.Expr:
    """regexp_replace(): the first match unless told 'g'; \\1 and \\& in the replacement."""
    arguments = node.expressions
    flags = arguments[3].this if len(arguments) == 4 and isinstance(arguments[3], exp.Literal) else ""
    known = len(arguments) == 3 or (len(arguments) == 4 and set(flags) <= {"g", "i"} and flags)
    if not known or not isinstance(arguments[2], exp.Literal) or not arguments[2].is_string:
        raise refuse(node, "regexp_replace()", "it is known with a constant replacement, and with the flags g and i")
    text = _one_way(node, arguments[1])
    first = "g" not in flags
    if first and re.search(r"\\\d", text):
        raise refuse(node, "regexp_replace() with a reference in its pattern", "Spark replaces all matches",
                     "use the flag 'g'")  # fmt: skip
    by = _replacement(node, arguments[2].this, 2 if first and "\\" in arguments[2].this else 0)
    if first:
        # Spark replaces every match: what stands before the first one is made a part of the only match there is.
        text, by = f"^(.*?){_grouped(text, by)}", f"$1{by}"
    options = ("(?i)" if "i" in flags else "") + ("(?s)" if first else "")
    if first and "." in "".join(one for one in _ATOM.findall(arguments[1].this) if len(one) == 1):
        reading.note("A point in a regular expression stands for a line's end too, as in PostgreSQL.")
    return told(call("regexp_replace", arguments[0].copy(), options + text, by), "string")


def _grouped(text: str, by: str) -> str:
    return f"({text})" if re.search(r"\$\d", by) else text


def _replacement(node: exp.Expr, text: str, shift: int) -> str:
    """Java's text of a replacement. shift: the number of the group that holds the whole match, 0 where none does."""
    made = ""
    for one in re.findall(r"\\.|\\|.", text, re.DOTALL):
        if one[0] == "\\" and len(one) == 2 and (one[1].isdigit() or one[1] == "&"):
            place = 0 if one[1] == "&" else int(one[1])
            made += f"${place + shift}"
        elif one == "\\\\":
            made += "\\\\"
        elif one[0] == "\\":
            raise refuse(node, f"The replacement {text!r}", "its backslashes are not known to mean the same")
        else:
            made += f"\\{one}" if one == "$" else one
    if re.search(r"\$\d\d", made):
        raise refuse(node, f"The replacement {text!r}", "a digit behind a reference is a part of it in Spark")
    return made


def piece(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """substring(): by place and length, or what a regular expression finds."""
    start, kind = node.args.get("start"), ""
    if start is not None:
        kind = reading.kind(start)
    if isinstance(start, exp.Literal) and start.is_string:
        return _found(reading, node, start)
    if start is not None and kind not in WHOLE:
        raise refuse(node, "substring() from a computed place", "a text there is a pattern; its type is not known",
                     "give the schema, or cast the place to integer")  # fmt: skip
    if start is None or _behind(start):
        return None
    if pieces.number(start) is not None:
        return pieces.substring(reading, node)
    length = node.args.get("length")
    rest = (
        None
        if length is None
        else exp.Sub(this=exp.Add(this=start.copy(), expression=length.copy()), expression=exp.Literal.number(1))
    )
    early = node.this.copy() if rest is None else _cut(node.this, exp.Literal.number(1), rest)
    before = exp.LT(this=start.copy(), expression=exp.Literal.number(1))
    return told(exp.Case(ifs=[exp.If(this=before, true=early)], default=_cut(node.this, start, length)), "string")


def _behind(start: exp.Expr) -> bool:
    """Whether a computed place is 1 at least: a position and something more."""
    more = pieces.number(start.expression) if isinstance(start, exp.Add) else None
    return isinstance(start, exp.Add) and isinstance(start.this, exp.StrPosition) and (more or 0) > 0


def _cut(text: exp.Expr, start: exp.Expr, length: exp.Expr | None) -> exp.Expr:
    return exp.Substring(this=text.copy(), start=start.copy(), length=None if length is None else length.copy())


def end_of_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """left(x, n) and right(x, n): a negative n leaves characters out."""
    count = node.expression
    if pieces.number(count) is not None:
        return pieces.end_of_text(reading, node)
    nothing, one = exp.Literal.number(0), exp.Literal.number(1)
    if isinstance(node, exp.Left):
        size = exp.Add(this=exp.Length(this=node.this.copy()), expression=count.copy())
        short = _cut(node.this, one, call("greatest", size, nothing.copy()))
    else:
        short = _cut(node.this, exp.Sub(this=one, expression=exp.Paren(this=count.copy())), None)
    below = exp.LT(this=count.copy(), expression=nothing)
    return told(exp.Case(ifs=[exp.If(this=below, true=short)], default=node.copy()), "string")


def _found(reading: Reader, node: exp.Expr, pattern: exp.Literal) -> exp.Expr:
    if node.args.get("length") is not None:
        raise refuse(node, "substring() FROM pattern FOR escape", "it is not known", "use a regular expression")
    text = _one_way(node, pattern)
    if not _groups(text):
        return told(call("regexp_substr", node.this.copy(), text), "string")
    match = exp.RegexpLike(this=node.this.copy(), expression=exp.Literal.string(text))
    return told(exp.Case(ifs=[exp.If(this=match, true=call("regexp_extract", node.this.copy(), text, 1))]), "string")
