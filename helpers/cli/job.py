"""`gridbridge job`: run a pipeline of one's own on a schedule or on new objects, and look at its runs."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from helpers.cli import use
from helpers.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from helpers.pipeline.job.history import Past
    from helpers.pipeline.job.when import When


class _NameFirst(TyperGroup):
    """`job NAME` is short for `job run NAME`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["run", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_NameFirst,
    no_args_is_help=True,
    help="Run pipelines of one's own by papermill, on a schedule or on new objects: `gridbridge job NAME`.",
)

Name = Annotated[str, typer.Argument(help="A folder of pipelines/.")]


@app.command(
    epilog="Examples:\n\n.venv/bin/gridbridge job meter_check --every 15\n\n"
    '.venv/bin/gridbridge job meter_check --cron "0 6 * * mon-fri"\n\n'
    ".venv/bin/gridbridge job meter_check --on s3://peak-landing/pipelines/meter_check/\n\n"
    ".venv/bin/gridbridge job meter_check --once -p fill=false"
)
def run(
    name: Name,
    once: Annotated[bool, typer.Option("--once", help="One run now, then end: 0 if it succeeded, else 1.")] = False,
    every: Annotated[float, typer.Option(help="Run every so many minutes.", min=0)] = 0,
    cron: Annotated[str, typer.Option(help="Run by a cron text of five fields, in UTC.")] = "",
    on: Annotated[str, typer.Option(help="Run when new objects lie below this address, s3://bucket/prefix.")] = "",
    parameter: Annotated[list[str] | None, typer.Option("--parameter", "-p", help="NAME=VALUE of each run.")] = None,
    keep: Annotated[int, typer.Option(min=1, help="Keep the folders of so many runs.")] = 20,
    topic: Annotated[str, typer.Option(help="The SNS topic that hears of failures.")] = "gridbridge-jobs",
    leave: Annotated[bool, typer.Option("--keep-services", help="Leave services up that the job started.")] = False,
) -> None:
    """Run a pipeline's notebook whenever it is due, until Ctrl-C; each run is kept with its notebook and report.

    Its runs lie in work/pipelines/NAME/. Never two of one job at once, on this or another machine. A failed run is
    told by SNS and the next one still comes. After a restart what fell due meanwhile is made up by one run.
    """
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers import services
    from helpers.pipeline.attempt import refuse_read_only, refuse_spark_remote
    from helpers.pipeline.job import Job
    from helpers.pipeline.job.history import ONCE
    from helpers.pipeline.job.parameters import given
    from helpers.pipeline.prototype.place import Place, notebook

    refuse_read_only(f"run the job {name}")
    refuse_spark_remote()
    file, when = notebook(name), _when(once, every, cron, on)
    console = Console()

    def say(sentence: str) -> None:
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)

    job = Job(Place(name), file, given(file, parameter or []), keep, topic, say)
    # A supervisor's way of Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    services.enter(f"job {name}")
    started: list[str] = []
    try:
        started = services.ensure()
        with job:
            if when is None:
                job.history.begin(ONCE)
                done = job.once(ONCE)
                job.history.end()
                raise typer.Exit(0 if done else 1)
            say(f"The job {name} runs {when.told}; failures go to the SNS topic {topic}; Ctrl-C ends it.")
            job.serve(when)
    except KeyboardInterrupt:
        # Not left to typer, which would end without a word.
        Console(stderr=True).print("Interrupted. Nothing is lost: the next run goes on where this one stopped.")
        raise typer.Exit(130) from None
    finally:
        use.stop([] if leave else started, leave, console)


@app.command("list")
def list_jobs() -> None:
    """All pipelines and their jobs: when they are due, whether they run now, how the last run ended."""
    from helpers.pipeline.job.history import History
    from helpers.pipeline.prototype.place import Place, pipelines

    rows = []
    for name in pipelines():
        history = History(Place(name))
        last = history.runs()[-1:]
        told = _row(last[0])[2:5] if last else ("–", "–", "–")
        rows.append((name, history.when() or "–", "running" if history.alive() else "not running", *told))
    _table(("pipeline", "due", "job", "last run (UTC)", "s", "ended"), rows)
    if not rows:
        print("There is no pipeline yet. Make one:  .venv/bin/gridbridge new pipeline NAME")


@app.command()
def status(
    name: Name, runs: Annotated[int, typer.Option("-n", "--runs", min=1, help="How many of the last runs.")] = 10
) -> None:
    """The last runs of a job: why, when, how long, how they ended, and where they are kept."""
    from helpers.pipeline.job.history import History
    from helpers.pipeline.prototype.place import Place, notebook

    notebook(name)
    place = Place(name)
    history = History(place)
    past = history.runs()
    _table(("run", "why", "began (UTC)", "s", "ended", "cause"), [_row(one) for one in past[-runs:]])
    state = "runs now" if history.alive() else "is not running"
    print(f"The job {name} {state}; its runs are kept in {place.runs}." if past else f"The job {name} never ran.")


def _when(once: bool, every: float, cron: str, on: str) -> When | None:
    """When runs are due; None = one run now. Raises UserError unless exactly one of the four is given."""
    from helpers.pipeline.job import when

    if sum((once, every > 0, bool(cron), bool(on))) != 1:
        raise UserError(
            "A job is due by exactly one of --once, --every MINUTES, --cron TEXT and --on s3://BUCKET/PREFIX.",
            ".venv/bin/gridbridge job run --help",
        )
    if once:
        return None
    return when.every(every) if every else when.cron(cron) if cron else when.objects(on)


def _row(one: Past) -> tuple[str, str, str, str, str, str]:
    seconds = "–" if one.seconds is None else f"{one.seconds:.0f}"
    return one.run_id, one.why, f"{one.at:%m-%d %H:%M:%S}", seconds, one.state, one.cause


def _table(names: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in names:
        # Only sentences are folded.
        table.add_column(name, no_wrap=name not in ("why", "due", "cause"), overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
