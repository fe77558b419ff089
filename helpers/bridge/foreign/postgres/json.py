"""PostgreSQL's fields of JSON texts."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.reader import Reader, call, told
from helpers.bridge.refusal import refuse


def field(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """-> and ->>, #> and #>>: a chain of them is one path. Spark writes objects and arrays as text otherwise."""
    as_json = isinstance(node, exp.JSONExtract | exp.JSONBExtract) and not isinstance(
        node, exp.JSONExtractScalar | exp.JSONBExtractScalar
    )
    above = node.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    if as_json and not isinstance(
        above, exp.JSONExtract | exp.JSONBExtract | exp.JSONExtractScalar | exp.JSONBExtractScalar
    ):
        raise refuse(node, "A field of JSON as JSON", "Spark has it as a text, written otherwise", "use ->>")
    target = node.this
    while isinstance(target, exp.Paren):
        target = target.this
    path = _path(node)
    if isinstance(target, exp.Anonymous) and target.meta.get("kind") == "json path":
        path = target.expressions[1].this + path
        target = target.expressions[0]
    else:
        path = "$" + path
    made = call("get_json_object", target.copy(), path)
    if as_json:
        return told(made, "json path")
    reading.note(
        "A field of JSON that is an object, an array or a number with zeros at its end may be written otherwise."
    )
    return told(made, "string")


def _path(node: exp.Expr) -> str:
    given = node.expression
    if isinstance(given, exp.JSONPath):
        parts = [one for one in given.expressions if not isinstance(one, exp.JSONPathRoot)]
        names = [one.this for one in parts if isinstance(one, exp.JSONPathKey | exp.JSONPathSubscript)]
        if len(names) != len(parts):
            raise refuse(node, "A path into JSON", "only keys and places are known")
    elif isinstance(given, exp.Literal) and isinstance(node, exp.JSONBExtract | exp.JSONBExtractScalar):
        texts = [one.strip() for one in given.this.strip().removeprefix("{").removesuffix("}").split(",")]
        names = [int(one) if one.isdigit() else one for one in texts]
    else:
        raise refuse(node, "A computed field of JSON", "only constants are known")
    path = ""
    for one in names:
        if isinstance(one, int) and one >= 0:
            path += f"[{one}]"
        elif isinstance(one, str) and re.fullmatch(r"[\w -]+", one):
            path += f".{one}" if one.isidentifier() else f"['{one}']"
        else:
            raise refuse(node, f"The field {one!r} of JSON", "it is not known to mean the same in Spark")
    return path
