"""Arguments by name, `digitChar => 'n'`: pyspark's parameters have the same names, but for the first ones."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context
from helpers.bridge.functions import function
from helpers.bridge.python import Py, call
from helpers.bridge.refusal import refuse


def unnamed(arguments: list[exp.Expr]) -> list[exp.Expr]:
    """A call's arguments without the name, where it has a single one."""
    return [arguments[0].expression] if len(arguments) == 1 and is_named(arguments[0]) else arguments


def is_named(node: exp.Expr) -> bool:
    """Whether an argument is given by name."""
    return isinstance(node, exp.Kwarg | exp.PropertyEQ)


def by_name(ctx: Context, node: exp.Anonymous, name: str) -> Py:
    """The call with keywords of Python. Raises Refusal for a name that pyspark's function does not have."""
    found = function(name)
    names = found.names if found is not None else ()
    given: dict[str, Py] = {}
    left = list(names)
    for argument in node.expressions:
        wanted = str(argument.this.name).lower() if is_named(argument) else ""
        key = next((one for one in left if one.lower() == wanted), left[0] if left and not wanted else "")
        if not key and left and left[0] == names[0]:
            # SQL's name of the first parameter is seldom Python's.
            key = left[0]
        if not key:
            raise refuse(node, f"The argument {wanted} of {name}", "pyspark's function has no such parameter",
                         "write the arguments in their order")  # fmt: skip
        left.remove(key)
        given[key] = ctx.code(argument.expression if is_named(argument) else argument)
    texts, skipped = [], False
    assert found is not None
    for place, key in enumerate(names):
        if key not in given:
            skipped = True
            continue
        text = given[key].short() if found.kind(place) == "column" else given[key].column().text
        texts.append(f"{key}={text}" if skipped else text)
    return call(f"F.{found.python}", texts)
