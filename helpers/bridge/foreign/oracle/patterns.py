"""Oracle's regular expressions and LIKE in Java's words."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.oracle.kinds import kind_of, told
from helpers.bridge.foreign.oracle.texts import as_text, or_null
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse

_CLASSES = {"digit": r"\p{Nd}", "alpha": r"\p{L}", "alnum": r"\p{L}\p{N}", "upper": r"\p{Lu}", "lower": r"\p{Ll}",
            "space": r"\s", "punct": r"\p{Punct}", "blank": r" \t", "xdigit": "0-9A-Fa-f"}  # fmt: skip
_FLAGS = {"i": "iu", "n": "s", "m": "m", "c": ""}
_SET = re.compile(r"\[(\^?)(\]?(?:\[:\w+:\]|[^\]])*)\]")


def pattern(node: exp.Expr, found: exp.Expr | None, flags: exp.Expr | None) -> str:
    """Java's text of a regular expression that is written out. Raises Refusal for what Java reads otherwise."""
    if not isinstance(found, exp.Literal) or not found.is_string:
        raise refuse(node, node.sql("oracle")[:40], "a regular expression is translated where it is written out")
    text, made, at = found.this, "", 0
    while at < len(text):
        match = _SET.match(text, at)
        if match is not None:
            made += f"[{match[1]}{_members(node, match[2])}]"
            at = match.end()
            continue
        size = 2 if text[at] == "\\" else 1
        part = text[at : at + size]
        if part[0] == "\\" and not re.fullmatch(r"\\[dDwWsS0-9]|\\[^\w]", part):
            raise refuse(node, f"{part} in a regular expression", "Java may take it for something else")
        if part == "[" or text.startswith("(?", at) or re.match(r"[*+?}]\+", text[at:]):
            raise refuse(node, f"{text[at : at + 3]} in a regular expression", "Java takes it for something else")
        made += part
        at += size
    told_flags = "" if flags is None or isinstance(flags, exp.Null) else flags.this if flags.is_string else "?"
    if set(told_flags) - set(_FLAGS) or ("i" in told_flags and "c" in told_flags):
        raise refuse(node, f"The flags {told_flags!r} of a regular expression", "known are i, c, n and m")
    inline = "".join(_FLAGS[one] for one in told_flags)
    return f"(?{inline}){made}" if inline else made


def _members(node: exp.Expr, text: str) -> str:
    made = ""
    for part in re.findall(r"\[[:.=].*?[:.=]\]|.", text, re.DOTALL):
        if len(part) > 1:
            if part[2:-2] not in _CLASSES or part[1] != ":":
                raise refuse(node, f"{part} in a regular expression", "Java has no such set")
            made += _CLASSES[part[2:-2]]
        else:
            # Within brackets only ], ^ and - are special to Oracle.
            made += f"\\{part}" if part in "\\[]&" else part
    return made


def _never_empty(node: exp.Expr, text: str) -> None:
    try:
        empty = re.search(re.sub(r"\\p\{\w+\}", "a", text.replace("(?iu)", "(?i)")), "") is not None
    except re.error:
        empty = True
    if empty:
        raise refuse(
            node, node.sql("oracle")[:40], "its pattern may match nothing at all, which Spark counts otherwise"
        )


def _from_the_start(node: exp.Expr, start: exp.Expr | None) -> None:
    if start is not None and number(start) != 1:
        raise refuse(node, node.sql("oracle")[:40], "Spark searches from the beginning only")


def alike(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REGEXP_LIKE."""
    text = pattern(node, node.expression, node.args.get("flag"))
    return told(exp.RegexpLike(this=as_text(reading, node.this), expression=exp.Literal.string(text)), "boolean")


def replaced(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REGEXP_REPLACE of every match."""
    text = pattern(node, node.expression, node.args.get("modifiers"))
    _from_the_start(node, node.args.get("position"))
    _never_empty(node, text)
    if (times := node.args.get("occurrence")) is not None and number(times) != 0:
        raise refuse(node, node.sql("oracle")[:40], "Spark replaces every match, not a certain one")
    new = node.args.get("replacement")
    if new is not None and not isinstance(new, exp.Literal | exp.Null):
        raise refuse(node, node.sql("oracle")[:40], "what replaces is translated where it is written out")
    plain = new.this if isinstance(new, exp.Literal) else ""
    plain = re.sub(r"\\(\d)", r"$\1", plain.replace("$", r"\$"))
    return or_null(call("regexp_replace", as_text(reading, node.this), text, plain))


def found(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REGEXP_SUBSTR: the n-th match, or a group of it."""
    text = pattern(node, node.expression, node.args.get("parameters"))
    _from_the_start(node, node.args.get("position"))
    _never_empty(node, text)
    times, group = (node.args.get(key) for key in ("occurrence", "group"))
    count, part = 1 if times is None else number(times), 0 if group is None else number(group)
    if count is None or count < 1 or part is None:
        raise refuse(node, node.sql("oracle")[:40], "which match is meant is not written out")
    inner = as_text(reading, node.this)
    if count == 1 and part == 0:
        return told(call("regexp_substr", inner, text), "string")
    if count == 1:
        return or_null(call("regexp_extract", inner, text, part))
    matches = call("regexp_extract_all", inner, text, part)
    item = call("get", matches, count - 1)
    return told(item, "string") if part == 0 else or_null(item)


def counted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REGEXP_COUNT and REGEXP_INSTR."""
    text = pattern(node, node.expression, node.args.get("parameters"))
    _from_the_start(node, node.args.get("position"))
    _never_empty(node, text)
    if isinstance(node, exp.RegexpInstr) and any(
            node.args.get(key) is not None for key in ("occurrence", "option", "group")):  # fmt: skip
        raise refuse(node, node.sql("oracle")[:40], "Spark tells where the first match begins only")
    name = "regexp_count" if isinstance(node, exp.RegexpCount) else "regexp_instr"
    return told(call(name, as_text(reading, node.this), text), "int")


def like(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LIKE: without ESCAPE a backslash is a plain character; a number is compared by its text."""
    if kind_of(reading, node.this) not in ("string", ""):
        node.set("this", as_text(reading, node.this))
    if isinstance(node.parent, exp.Escape):
        return None
    if isinstance(node.expression, exp.Literal):
        node.set("expression", exp.Literal.string(node.expression.this.replace("\\", "\\\\")))
    elif not isinstance(node.expression, exp.Null):
        reading.note("A backslash in a pattern of LIKE is a plain character in Oracle, and an escape in Spark.")
    return None
