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
    """name=value words as the values that the notebook's parameters have.

    Raises UserError for one that has none, and where the file is no notebook that a job can run.
    """
    declared = {name: default for name, default in _declared(notebook).items() if name != OWN}
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


def _declared(notebook: Path) -> dict[str, str]:
    """Name → default, as its code stands in the parameters cell."""
    import papermill
    from nbformat import ValidationError
    from nbformat.reader import NotJSONError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    told = f"{notebook.parent.name}/{notebook.name}"
    try:
        return {name: one["default"] for name, one in papermill.inspect_notebook(str(notebook)).items()}
    except (NotJSONError, UnicodeDecodeError, ValidationError, AttributeError) as error:
        words = str(error).splitlines()[0][:200].rstrip(".")
        raise UserError(
            f"{told} cannot be read as a notebook: {words}.", f"Look at {notebook}, or take it back from git."
        ) from None
    except ValueError:
        raise UserError(
            f"{told} names no kernel, so that it cannot be told how to give it parameters.",
            "Open it in Lab (make lab), choose the kernel Python 3, and save it.",
        ) from None


def _typed(name: str, text: str, code: str) -> Any:
    """A value of the kind that the default has; code: the default's. One that is computed may have any."""
    try:
        default = ast.literal_eval(code)
    except (ValueError, SyntaxError):
        default = None
    kind = type(default)
    if kind is str:
        return text
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text) if kind in (int, float) else ast.literal_eval(text)
    except (KeyError, ValueError, SyntaxError):
        wanted = "value of Python" if default is None else kind.__name__
        example = f'-p "{name}={text!r}"' if default is None else f"-p {name}={code}"
        raise UserError(
            f"The parameter {name} has the value {text!r}, which is no {wanted}.",
            f"Its default is {code}; write it as in:  {example}",
        ) from None
