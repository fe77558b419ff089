"""A new lesson's folder, from templates that are proved as they stand."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpers.core.errors import UserError
from helpers.exercises.catalogue import FOLDER, lessons

LONGEST = 40
"""Characters of a title: it becomes a folder's and a function's name, and has to fit into a line."""

_TITLE = re.compile(r"[^\W\d_][\w ,'’?!-]*")


def draft(title: str, folder: Path = FOLDER) -> Path:
    """Make `NN-topic/` with an exercises.py and a lesson.py to be filled; returns the folder.

    The number follows the last lesson's. Raises UserError for a title that gives no name, or that is there already.
    """
    title = " ".join(title.split())
    if len(title) > LONGEST or not _TITLE.fullmatch(title) or not (words := _words(title)):
        raise UserError(
            f"{title!r} cannot be a lesson's title: at most {LONGEST} letters, digits, spaces and , ' ? ! -, "
            "a letter first.",
            'Give another, as in:  .venv/bin/gridbridge author new "Time zones"',
        )
    known = lessons(folder)
    if same := [entry for entry in known if entry.folder.name.partition("-")[2] == "-".join(words)]:
        raise UserError(f"There is a lesson {same[0].folder.name} already.", "Give another title.")
    last = known[-1] if known else None
    number = last.lesson.number + 1 if last else 1
    topic = "_".join(words)
    name = "try_" + topic[:24].rstrip("_")
    values = {
        "number": number,
        "title": title,
        "topic": topic,
        "name": name,
        "constant": name.upper(),
        "before": last.folder.name if last else "",
        "week": last.lesson.week if last else 1,
    }
    # Not HTML: a quote in a title stays a quote.
    templates = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, keep_trailing_newline=True
    )
    made = {part: templates.get_template(f"{part}.j2").render(values) for part in ("exercises.py", "lesson.py")}
    place = folder / f"{number:02}-{'-'.join(words)}"
    try:
        place.mkdir()
    except FileExistsError:
        raise UserError(f"The folder {place.name} is there already.", "Rename or remove it.") from None
    for part, text in made.items():
        (place / part).write_text(text, encoding="utf-8")
    return place


def _words(title: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", plain.replace("'", ""))
