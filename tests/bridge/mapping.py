"""Makes helpers/bridge/functions.json from the installed pyspark: `python -m tests.bridge.mapping`.

Each function of pyspark.sql.functions is called with marked arguments through Spark Connect's client, which needs no
server for it: the call that it builds tells the SQL name and which argument lands where.
"""

from __future__ import annotations

import inspect
import json
import warnings
from pathlib import Path
from typing import Any

from pyspark.sql import functions as classic
from pyspark.sql.connect.expressions import ColumnReference, LiteralExpression, UnresolvedFunction
from pyspark.sql.connect.functions import builtin

import helpers.bridge

TARGET = Path(helpers.bridge.__file__).with_name("functions.json")
COLUMN, NUMBER, EITHER, TEXT, WHOLE, FLAG, REAL = "column", "number", "either", "str", "int", "bool", "float"


def kind(annotation: str) -> str | None:
    """What a parameter takes: column (text is a name), number (numbers as they are), either (text is a value)."""
    text = annotation.replace("ForwardRef(", "").replace("typing.", "")
    if "Callable" in text or "DataFrame" in text or text == "<class 'inspect._empty'>":
        return None
    if "ColumnOrName" in text:
        return NUMBER if "int" in text or "float" in text else COLUMN
    if "column.Column" in text or "'Column'" in text:
        plain = any(word in text for word in ("int", "str", "float", "bool"))
        return EITHER if plain else COLUMN + "!"
    for name in (TEXT, WHOLE, FLAG, REAL):
        if name in text:
            return name
    return "any" if "Any" in text else None


def marker(what: str, place: int) -> Any:
    """An argument that can be told from all others in the call that is built."""
    if what in (COLUMN, COLUMN + "!", NUMBER, EITHER):
        return builtin.col(f"p{place}")
    return {TEXT: f"p{place}", WHOLE: 1000 + place, FLAG: True, REAL: 1000.5 + place, "any": 1000 + place}[what]


def place(argument: Any) -> int | None:
    """Which marked parameter an argument of the built call comes from."""
    if isinstance(argument, ColumnReference):
        return int(argument._unparsed_identifier[1:])
    value = argument._value if isinstance(argument, LiteralExpression) else None
    if isinstance(value, str) and value[:1] == "p":
        return int(value[1:])
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1000:
        return int(value - 1000)
    return None


def built(function: Any, kinds: list[str], count: int) -> tuple[str, list[int]] | None:
    """The SQL name and the order of arguments that a call with the first `count` parameters builds."""
    try:
        expression = function(*[marker(kinds[index], index) for index in range(count)])._expr
    except Exception:
        return None
    if not isinstance(expression, UnresolvedFunction) or expression._is_distinct:
        return None
    order = [place(argument) for argument in expression._args]
    if flags := [index for index in range(count) if kinds[index] == FLAG]:
        order = [flags[0] if one is None and len(flags) == 1 else one for one in order]
    # Beyond the arguments given, pyspark fills in SQL's own defaults.
    given = order[:count]
    if None in given or sorted(given) != list(range(count)) or any(one is not None for one in order[count:]):  # type: ignore[type-var]
        return None
    return expression._name, given  # type: ignore[return-value]


def described(name: str) -> tuple[str, dict[str, Any]] | None:
    """The SQL function that a Python function stands for, and how it is called."""
    parameters = list(inspect.signature(getattr(classic, name)).parameters.values())
    kinds = [kind(str(one.annotation)) for one in parameters]
    various = bool(parameters) and parameters[-1].kind is inspect.Parameter.VAR_POSITIONAL
    if any(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters):
        return None
    if various and kinds[-1] is not None:
        kinds = [*kinds[:-1], kinds[-1], kinds[-1]]
    usable = next((index for index, one in enumerate(kinds) if one is None), len(kinds))
    known = [one for one in kinds[:usable] if one is not None]
    least = sum(
        one.default is inspect.Parameter.empty and one.kind is not inspect.Parameter.VAR_POSITIONAL
        for one in parameters
    )
    if least > usable:
        return None
    calls = {
        count: found for count in range(least, usable + 1) if (found := built(getattr(builtin, name), known, count))
    }
    if not calls:
        return None
    longest = calls[max(calls)]
    entry: dict[str, Any] = {"python": name, "kinds": known[: max(calls)], "counts": sorted(calls)}
    if longest[1] != list(range(len(longest[1]))):
        entry["order"] = longest[1]
    if various and max(calls) == usable:
        entry["various"] = True
    elif len(calls) > 1:
        entry["names"] = [one.name for one in parameters[: max(calls)]]
    return longest[0].lower(), entry


def mapping() -> dict[str, dict[str, Any]]:
    """SQL name → Python function, its parameters' kinds, the counts of arguments it takes, their order if another."""
    found: dict[str, dict[str, Any]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in sorted(classic.__all__):
            if not inspect.isfunction(getattr(classic, name, None)) or not hasattr(builtin, name):
                continue
            entry = described(name)
            if entry is None:
                continue
            sql, call = entry
            held = found.get(sql)
            # Of two Python names for one function the one that is called as in SQL, never the old camelCase one.
            if (
                held is None
                or name == sql
                or (held["python"] != sql and name.islower() and not held["python"].islower())
            ):
                found[sql] = call
    return dict(sorted(found.items()))


def text() -> str:
    """The data file's text."""
    lines = [f"{json.dumps(name)}: {json.dumps(call)}" for name, call in mapping().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(text())
