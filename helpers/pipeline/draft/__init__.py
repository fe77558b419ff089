"""A new pipeline's folder, from templates that run, and are tested, as they stand."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.core import percent
from helpers.core.errors import UserError
from helpers.pipeline.prototype import place as places
from helpers.pipeline.prototype import sinks as sink_room
from helpers.pipeline.prototype.place import NOTEBOOK, Place, checked
from helpers.pipeline.prototype.sample import truth

SOURCES = {"kafka": "Kafka", "s3": "S3", "postgres": "Postgres"}
"""Kind of source → its class in `prototype.sources`."""
SINKS = {"delta": "Delta", "postgres": "Postgres", "kafka": "Kafka"}
"""Kind of sink → its class in `prototype.sinks`."""

_KERNEL = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
_WORDS = {"kafka": "a topic", "s3": "files on S3", "postgres": "a table in PostgreSQL", "delta": "a Delta table"}


def draft(name: str, sources: Sequence[str], sinks: Sequence[str], folder: Path | None = None) -> Path:
    """Make `<name>/` with pipeline.ipynb, layers.py and test_pipeline.py; returns it. folder: None = `pipelines/`.

    sources: keys of SOURCES; sinks: keys of SINKS. It appears whole or not at all. Raises UserError for a name that
    cannot be one or is there already, and for an unknown source or sink.
    """
    checked(name)
    chosen = _chosen("source", sources, SOURCES), _chosen("sink", sinks, SINKS)
    folder = folder or places.FOLDER
    place = folder / name
    if place.exists():
        raise UserError(f"There is a pipeline {name} already.", "Give another name, or remove its folder.")
    made = rendered(name, *chosen)
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        for file, text in made.items():
            (part / file).write_text(text, encoding="utf-8")
        part.chmod(0o755)
        os.rename(part, place)  # noqa: PTH104  Path.rename says nothing of what it does to a folder that is there
    except OSError:
        if place.exists():
            raise UserError(f"There is a pipeline {name} already.", "Give another name.") from None
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return place


def rendered(name: str, sources: Sequence[str], sinks: Sequence[str]) -> dict[str, str]:
    """The files of a pipeline: name → text."""
    values = {
        "name": name,
        "origin": " and ".join(_WORDS[kind] for kind in sources),
        "target": " and ".join(_WORDS[kind] for kind in sinks),
        "sources": ", ".join(f"sources.{SOURCES[kind]}()" for kind in sources),
        "sinks": ", ".join(f"sinks.{SINKS[kind]}()" for kind in sinks),
    }
    made = {
        file: _templates().get_template(f"{file}.j2").render(values)
        for file in ("layers.py", "test_pipeline.py", "pipeline.py")
    }
    source = made.pop("pipeline.py")
    return {**made, NOTEBOOK: _notebook(source, name, sources, sinks)}


@cache
def _templates() -> Environment:
    # Python, not HTML: a quote stays a quote.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, keep_trailing_newline=True
    )


def _notebook(source: str, name: str, sources: Sequence[str], sinks: Sequence[str]) -> str:
    made = new_notebook(metadata=_KERNEL)
    for at, cell in enumerate(percent.cells(source), start=1):
        if cell.kind == "markdown":
            made.cells.append(new_markdown_cell(cell.text, id=f"cell-{at:03d}"))
            continue
        metadata = {"tags": list(cell.tags)} if cell.tags else {}
        outputs = [_totals(name, sources, sinks)] if cell.text == "run.totals()" else []
        # nbval takes outputs of a cell that never ran for a mistake.
        ran = 1 + sum(one.cell_type == "code" for one in made.cells)
        code = new_code_cell(cell.text, id=f"cell-{at:03d}", metadata=metadata, outputs=outputs, execution_count=ran)
        made.cells.append(code)
    nbformat.validate(made)
    return nbformat.writes(made) + "\n"


def _totals(name: str, sources: Sequence[str], sinks: Sequence[str]) -> Any:
    """What the notebook prints after its first run: from the truth about the rows, not from any run."""
    known, place = truth(sources), Place(name)
    readings = known.pop("readings")
    rows = {getattr(sink_room, SINKS[kind])().told(place): readings for kind in sinks}
    rows[f"{place.prefix}/quarantine"] = known.pop("quarantine")
    rows |= {f"  {reason}": count for reason, count in known.items()}
    frame = pd.DataFrame(rows.items(), columns=["what", "rows"])
    shown = {"text/html": frame.to_html(notebook=True), "text/plain": repr(frame)}
    return new_output("execute_result", data=shown, execution_count=None)


def _chosen(what: str, wanted: Sequence[str], known: dict[str, str]) -> list[str]:
    """The wanted kinds, each once, in the order of the known ones."""
    for kind in wanted:
        if kind not in known:
            raise UserError(
                f"There is no {what} {kind!r}; there are {', '.join(known)}.", f"--{what} {next(iter(known))}"
            )
    return [kind for kind in known if kind in wanted]
