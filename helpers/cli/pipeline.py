"""`gridbridge pipeline`: run the pipeline notebook, and look at what runs left behind."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from helpers.cli import use
from helpers.core.errors import PipelineError
from helpers.core.journal import Journal
from helpers.core.settings import ROOT

app = typer.Typer(no_args_is_help=True, help="Run the PEAK pipeline and look at its runs.")

NOTEBOOK = ROOT / "notebooks" / "pipeline.ipynb"


@app.command()
def run(
    recordings: Annotated[str, typer.Option(help="all, small, or files or sources separated by commas.")] = "all",
    seed: Annotated[int, typer.Option(help="Seed of the planted faults, and of a world not made yet.")] = 7,
    fault_rate: Annotated[float, typer.Option(help="Share of events that get a planted fault, 0 to 0.5.")] = 0.02,
    rate: Annotated[float, typer.Option(help="Events a second; 0 = full speed.")] = 0.0,
    limit: Annotated[int, typer.Option(help="Send at most so many messages in this run; 0 = all.")] = 0,
    resend: Annotated[bool, typer.Option("--resend", help="Send again what was sent with this seed before.")] = False,
    recording: Annotated[str, typer.Option(help="A CSV or Parquet file of your own to replay too.")] = "",
    mapping: Annotated[str, typer.Option(help="The mapping (TOML) of that file; see datasets/README.md.")] = "",
    run_id: Annotated[str, typer.Option(help="Name of the run; empty = made from the time.")] = "",
    keep: Annotated[bool, typer.Option("--keep/--stop", help="Leave services up that this run started.")] = False,
) -> None:
    """Execute notebooks/pipeline.ipynb on real services; everything of the run lies in work/runs/<run id>/."""
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers import services
    from helpers.pipeline.attempt import new_run_id, refuse_read_only, refuse_spark_remote
    from helpers.pipeline.execute import execute
    from helpers.pipeline.parameters import parameters
    from helpers.pipeline.run import runs_folder

    given: dict[str, Any] = {
        "recordings": recordings,
        "seed": seed,
        "fault_rate": fault_rate,
        "rate": rate,
        "limit": limit,
        "resend": resend,
        "recording": str(Path(recording).resolve()) if recording else "",
        "mapping": str(Path(mapping).resolve()) if mapping else "",
        "run_id": run_id or new_run_id(),
    }
    refuse_read_only("run the pipeline")
    refuse_spark_remote()
    parameters(given).chosen()
    console = Console()
    folder = runs_folder() / given["run_id"]
    if (folder / "summary.json").exists():
        raise PipelineError(f"There is a run {given['run_id']!r} already.", "Choose another --run-id.")
    folder.mkdir(parents=True, exist_ok=True)
    console.print(f"Run {given['run_id']}", highlight=False)
    services.enter(f"run {given['run_id']}")
    # Beside the notebook's kernel, which takes as long to start; its first stage waits for the services.
    with ThreadPoolExecutor(1) as beside:
        starting = beside.submit(services.ensure)
        try:
            with _Bars(folder / "journal.jsonl", console):
                execute(NOTEBOOK, folder / NOTEBOOK.name, given, ROOT)
        except KeyboardInterrupt:
            # Not left to typer, which would end without a word.
            Console(stderr=True).print("Interrupted. Nothing is lost: the next run goes on where this one stopped.")
            raise typer.Exit(130) from None
        finally:
            use.stop([] if keep else _started(starting, folder), keep, console)
    _show(folder, console)


def _started(starting: Future[list[str]], folder: Path) -> list[str]:
    """The services that this run started, itself or from its notebook, whichever came first."""
    # A service that does not start is told by the notebook's first stage, which needs it.
    from helpers.pipeline.execute import summary

    ours = [] if starting.exception() else starting.result()
    return list(dict.fromkeys([*ours, *summary(folder).get("services_started", [])]))


class _Bars:
    """A bar per stage, fed by the run's journal."""

    def __init__(self, journal: Path, console: Console) -> None:
        from helpers.pipeline.run import STAGES

        self._journal, self._stages = Journal(journal), STAGES
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<15}"),
            BarColumn(),
            TextColumn("{task.fields[told]}"),
        )
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console)
        self._tasks: dict[str, TaskID] = {}
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._follow, name="progress bars", daemon=True)

    def __enter__(self) -> _Bars:
        self._progress.start()
        for name in self._stages:
            self._tasks[name] = self._progress.add_task(name, start=False, total=None, told="", visible=False)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._reader.join()
        self._show()
        self._progress.stop()

    def _follow(self) -> None:
        while not self._ended.wait(0.5):
            self._show()

    def _show(self) -> None:
        for event in list(self._journal.events()):
            task = self._tasks.get(event.get("stage", ""))
            if task is None:
                continue
            if event["kind"] == "progress":
                done, total = int(event["done"]), int(event["total"])
                told = f"{done:,} of {total:,} {event['unit']}"
                self._progress.update(task, completed=done, total=total, told=told)
            elif event["state"] == "started":
                if not self._progress.tasks[task].started:
                    self._progress.start_task(task)
                self._progress.update(task, visible=True)
            elif not self._progress.tasks[task].finished:
                seconds = event.get("seconds")
                told = "failed" if event["state"] == "failed" else f"{seconds:.1f} s"
                done = 1 if event["state"] == "done" else 0
                self._progress.update(task, completed=done, total=1, told=told)
                self._progress.stop_task(task)


def _show(folder: Path, console: Console) -> None:
    from helpers.pipeline.execute import summary
    from helpers.pipeline.summary import key_figures

    facts = summary(folder)
    table = Table(show_header=False, title="The run in figures", title_justify="left")
    for row in key_figures(facts).itertuples():
        table.add_row(str(row.figure), str(row.value))
    console.print(table)
    for note in facts.get("notes", []):
        console.print(f"Note: {note}", soft_wrap=True, highlight=False, markup=False)
    for name, what in (("report.html", "Report"), ("pipeline.ipynb", "Notebook"), ("summary.json", "Figures")):
        console.print(f"{what}: {folder / name}", soft_wrap=True, highlight=False, markup=False)
