"""A job's parameters: those that the notebook's parameters cell has, as text of a command line."""

from __future__ import annotations

import ast
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers.core.errors import UserError

OWN = "run_id"
"""What the job gives each run itself."""


def given(notebook: Path, words: Sequence[str]) -> dict[str, Any]:
    """name=value words as the values that the notebook's parameters have. Raises UserError for one that has none."""
    import papermill

    logging.getLogger("papermill").setLevel(logging.ERROR)
    found = papermill.inspect_notebook(str(notebook))
    declared = {name: ast.literal_eval(one["default"]) for name, one in found.items() if name != OWN}
    values = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in declared:
            raise UserError(
                f"There is no parameter {name!r}; {notebook.parent.name} has {', '.join(declared)}.",
                "Write it as in:  -p NAME=VALUE",
            )
        values[name] = _typed(name, text, declared[name])
    return values


def _typed(name: str, text: str, default: Any) -> Any:
    kind = type(default)
    if kind is str:
        return text
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text) if kind in (int, float) else ast.literal_eval(text)
    except (KeyError, ValueError, SyntaxError):
        raise UserError(
            f"The parameter {name} has the value {text!r}, which is no {kind.__name__}.",
            f"Its default is {default!r}; write it as in:  -p {name}={default!r}",
        ) from None
