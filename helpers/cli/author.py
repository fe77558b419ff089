"""`gridbridge author`: begin lessons, prove them, and build their notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from helpers.core.errors import UserError

if TYPE_CHECKING:
    from helpers.exercises.author import Proof

app = typer.Typer(no_args_is_help=True, help="For authors of lessons.")

Which = Annotated[str | None, typer.Argument(help="folder, topic or number of a lesson; none = all")]


@app.callback()
def author() -> None:
    """For authors of lessons."""


@app.command()
def check(
    which: Which = None,
    only: Annotated[str | None, typer.Option("--exercise", "-e", help="Only this exercise, by name.")] = None,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many seeds of made data.")] = 3,
) -> None:
    """Prove every exercise: blank, solutions, wrong answers, mutants of the oracle; ends with 1 where one fails."""
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers.exercises import exercise as by_name
    from helpers.exercises import lesson, lessons, teaching_session
    from helpers.exercises.author import prove

    entries = [lesson(which)] if which else lessons()
    asked = by_name(only) if only else None
    wanted = [one for entry in entries for one in entry.exercises if asked in (None, one)]
    if not wanted:
        raise UserError(f"The lesson {which} has no exercise {only}.", f".venv/bin/gridbridge author check -e {only}")
    session = teaching_session() if any(one.uses_spark for one in wanted) else None
    console = Console()
    proofs = []
    for exercise in wanted:
        with console.status(f"Proving {exercise.id} ..."):
            proofs.append(prove(exercise, session, range(1, seeds + 1)))
    _show(console, proofs)
    if any(proof.problems for proof in proofs):
        raise typer.Exit(1)


@app.command()
def new(title: Annotated[str, typer.Argument(help='What the lesson is called, as in "Time zones".')]) -> None:
    """Begin a lesson: a folder with an exercise that is proved as it stands, and a notebook's source to be filled."""
    from helpers.exercises.draft import draft

    place = draft(title)
    number = place.name.partition("-")[0]
    print(f"Made {place.name}: exercises.py and lesson.py, to be filled. Then run:")
    print(f"  .venv/bin/gridbridge author check {number}\n  .venv/bin/gridbridge author build {number}")
    print("Where it is to follow another lesson, name it there as `next`.")


@app.command()
def build(which: Which = None) -> None:
    """Make each lesson's notebook from its lesson.py, run it, and keep it with its outputs."""
    import nbformat

    from helpers import services
    from helpers.exercises import lesson, lessons
    from helpers.exercises.notebook import notebook, run

    wanted = [lesson(which)] if which else lessons()
    services.ensure("connect")
    console = Console()
    for entry in wanted:
        source = entry.folder / "lesson.py"
        if not source.exists():
            raise UserError(f"The lesson {entry.folder.name} has no lesson.py.", f"Write {source}.")
        with console.status(f"Running {entry.folder.name} ..."):
            made = run(notebook(source.read_text(encoding="utf-8")), entry.folder)
        target = entry.folder / "lesson.ipynb"
        target.write_text(nbformat.writes(made) + "\n", encoding="utf-8")
        console.print(f"Wrote {target.name} of {entry.folder.name}: {len(made.cells)} cells.", highlight=False)


def _show(console: Console, proofs: list[Proof]) -> None:
    from helpers.exercises.author import table

    head, *rows = table(proofs)
    shown = Table(box=None, pad_edge=False)
    for name in head:
        shown.add_column(name, no_wrap=True, justify="left" if name in ("exercise", "state") else "right")
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
    for proof in proofs:
        for problem in proof.problems:
            console.print(f"{proof.exercise.id}: {problem}", markup=False, highlight=False)
