"""A pipeline's notebook executed by papermill: its output is kept, its failure told in one sentence."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from helpers.core.errors import PipelineError

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

LOG = "kernel.log"


def execute(notebook: Path, output: Path, parameters: Mapping[str, Any], folder: Path) -> None:
    """Run a notebook with parameters; the kernel stands in `folder`. The output is there also where it fails.

    What the kernel and its JVM say beside the cells stands in kernel.log beside the output.
    Raises PipelineError: with the cause and remedy of the run's summary.json beside the output where there is one.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    # An interrupted cell is told by us, in one sentence; asyncio would add its traceback.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    log = output.with_name(LOG)
    try:
        with log.open("wb") as said:
            papermill.execute_notebook(
                str(notebook),
                # papermill takes an output path for a format string.
                str(output).replace("{", "{{").replace("}", "}}"),
                parameters=dict(parameters),
                kernel_name="python3",
                kernel_manager_class=_speaking_to(said),
                progress_bar=False,
                extra_arguments=["--log-level=40"],
                cwd=str(folder),
            )
    except PapermillExecutionError as error:
        told = summary(output.parent).get("error")
        if told:
            raise PipelineError(told["cause"], told["remedy"]) from error
        words = f"{error.ename}: {error.evalue}".splitlines()[0]
        raise PipelineError(f"The notebook failed: {words}", f"Look at {output}") from error
    except RuntimeError as error:  # the kernel died: killed, or out of memory
        raise PipelineError(f"The notebook's kernel ended: {error}.", f"Look at {log}, then run again") from error
    finally:
        _strip(output)


def _speaking_to(log: IO[bytes]) -> type[AsyncKernelManager]:
    """A kernel that an interrupt ends may still print tracebacks; people at the terminal get one sentence."""
    from jupyter_client.manager import AsyncKernelManager

    class Manager(AsyncKernelManager):
        async def _async_start_kernel(self, **options: Any) -> None:
            await super()._async_start_kernel(**{**options, "stdout": log, "stderr": log})

        start_kernel = _async_start_kernel

    return Manager


def summary(folder: Path) -> dict[str, Any]:
    """What summary.json of a run's folder says; nothing where there is none yet."""
    try:
        found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _strip(output: Path) -> None:
    """Take papermill's own notes (parameters, paths, times) out of the notebook that people look at."""
    if output.exists():
        import nbformat

        notebook = nbformat.read(output, as_version=4)
        notebook.metadata.pop("papermill", None)
        for cell in notebook.cells:
            cell.metadata.pop("papermill", None)
        nbformat.write(notebook, output)
