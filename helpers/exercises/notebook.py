"""A lesson's notebook, made from its source in percent format."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.core import percent
from helpers.core.errors import ExerciseBroken
from helpers.exercises.model import Task

_KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def cells(source: str) -> list[tuple[str, str]]:
    """Each cell as ("markdown" or "code", its text). Raises ExerciseBroken for what is no cell."""
    try:
        return [(cell.kind, cell.text) for cell in percent.cells(source)]
    except ValueError as error:
        raise ExerciseBroken(str(error)) from None


def notebook(source: str) -> Any:
    """The notebook of a lesson's source: cells without outputs, ids by their place."""
    made = new_notebook(metadata=_KERNEL)
    for at, (kind, text) in enumerate(cells(source), start=1):
        make = new_markdown_cell if kind == "markdown" else new_code_cell
        made.cells.append(make(text, id=f"cell-{at:03d}"))
    nbformat.validate(made)
    return made


def solved(source: str, exercises: Iterable[Task]) -> str:
    """The source with the first solution in the place of each blank function that is named like an exercise."""
    known = {one.name: one for one in exercises}
    lines = source.splitlines()
    # From the last to the first: what stands before keeps its line numbers.
    for function in reversed(list(_functions(source))):
        if function.name in known:
            one = known[function.name]
            lines[function.lineno - 1 : function.end_lineno] = [
                one.signature,
                "    from helpers.exercises import exercise",
                "",
                f'    solution = exercise("{one.name}").solutions[0]',
                "    given = locals()",
                "    asked = solution.__code__.co_varnames[: solution.__code__.co_argcount]",
                "    return solution(**{name: given[name] for name in asked})",
            ]
    return "\n".join(lines) + "\n"


def run(made: Any, folder: Path, seconds: int = 600) -> Any:
    """The notebook executed from top to bottom in `folder`, with its outputs. Raises nbclient's error of a cell."""
    from nbconvert.preprocessors import CoalesceStreamsPreprocessor, ExecutePreprocessor

    runner = ExecutePreprocessor(
        timeout=seconds, kernel_name="python3", record_timing=False, extra_arguments=["--log-level=40"]
    )
    executed, resources = runner.preprocess(made, {"metadata": {"path": str(folder)}})
    # How a cell's lines came in pieces, and which Python ran it, differ from run to run.
    executed, _ = CoalesceStreamsPreprocessor().preprocess(executed, resources)
    executed.metadata = nbformat.from_dict(_KERNEL)
    return executed


def _functions(source: str) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            yield node
