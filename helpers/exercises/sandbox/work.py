"""An answer in a process of its own, which can be killed in the middle of its work as a machine is."""

from __future__ import annotations

import io
import json
import linecache
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import confluent_kafka

from helpers.exercises.attempt import refusal

# Kafka's classes say that they come from a module of this name, by which a function that uses them travels.
sys.modules.setdefault("cimpl", confluent_kafka.cimpl)

# A server that has imported once what answers need: a process of its own then costs milliseconds, not seconds. It has
# no threads, as this process may, so that a fork of it is safe.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "pyspark.errors", "confluent_kafka", "boto3"])


@dataclass(frozen=True)
class Work:
    """Handed to an answer as its `work`: each call notes what was done, for all processes of a trial to see.

    path: the file of notes. kill_at: the call at which this process is killed (SIGKILL), 1 = the first; the note of
    that call is written first where `noted` holds. None = never.
    """

    path: Path
    kill_at: int | None = None
    noted: bool = True

    def __call__(self, item: Any) -> None:
        """Do the work for one item (a JSON value)."""
        done = len(self.done) + 1
        if done == self.kill_at and not self.noted:
            os.kill(os.getpid(), signal.SIGKILL)
        with self.path.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps(item) + "\n")
            notes.flush()
            os.fsync(notes.fileno())
        if done == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @property
    def done(self) -> list[Any]:
        """What all processes did so far, in their order."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True)
class Ended:
    """How a process ended. killed: by SIGKILL. result: what was returned; sentence to instead: of what was raised."""

    killed: bool = False
    result: Any = None
    sentence: str = ""
    line: str | None = None
    condition: str = ""
    instead: str = ""
    printed: str = ""


def run_alone(answer: Callable[..., Any], given: Mapping[str, Any], seconds: float) -> Ended:
    """The answer, called with `given` in a Python process of its own. Raises TimeoutError after `seconds`."""
    from pyspark import cloudpickle

    with tempfile.TemporaryDirectory(prefix="gridbridge-work-") as folder:
        call, ended = Path(folder) / "call", Path(folder) / "ended"
        with _by_value(answer.__module__):
            packed = cloudpickle.dumps(dict(given))
            try:
                call.write_bytes(_packed((answer, packed, *_source(answer))))
            except Unpackable as error:
                return Ended(sentence=str(error))
        alone = _FORKS.Process(target=child, args=(call, ended), daemon=True)
        alone.start()
        try:
            alone.join(seconds)
            if alone.exitcode is None:
                raise TimeoutError
        finally:
            if alone.exitcode is None:
                alone.kill()
                alone.join()
        if alone.exitcode == -signal.SIGKILL:
            return Ended(killed=True)
        if not ended.exists():
            return Ended(sentence=f"Its process ended by itself, with code {alone.exitcode}.")
        found: Ended = pickle.loads(ended.read_bytes())  # noqa: S301  written by our own child
        return found


class Unpackable(Exception):
    """An answer holds what cannot be sent to another process; in a sentence."""


def anew(answer: Callable[..., Any]) -> Callable[..., Any]:
    """A copy that shares no variable with the answer, as another process would get it. Raises Unpackable."""
    with _by_value(answer.__module__):
        copy: Callable[..., Any] = pickle.loads(_packed(answer))  # noqa: S301  packed here
    return copy


def _packed(value: Any) -> bytes:
    from pyspark import cloudpickle

    try:
        return bytes(cloudpickle.dumps(value))
    except Exception as error:
        raise Unpackable(
            "Your function uses something from outside that cannot go into a process of its own: "
            f"{error}. Make it inside the function."
        ) from error


@contextmanager
def _by_value(name: str) -> Iterator[None]:
    """In this block what is defined in that module is packed itself, not by the name of its module."""
    from pyspark import cloudpickle

    module = sys.modules.get(name)
    if module is None or hasattr(module, "__path__") or name == "__main__":
        yield
        return
    # The child cannot import a lesson's exercises.py by its name.
    cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(module)


def _source(answer: Callable[..., Any]) -> tuple[str, list[str]]:
    """The file of an answer and its lines, so that the child can tell a line of a notebook's cell."""
    code = getattr(answer, "__code__", None)
    return (code.co_filename, linecache.getlines(code.co_filename)) if code else ("", [])


def child(call: Path, ended: Path) -> None:
    """What the process of its own does: the call that lies in one file, and how it ended into the other."""
    answer, packed, file, lines = pickle.loads(call.read_bytes())  # noqa: S301  written by our own parent
    given = pickle.loads(packed)  # noqa: S301
    linecache.cache[file] = (sum(map(len, lines)), None, lines, file)
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            result = answer(**given)
        found = Ended(result=result, printed=out.getvalue())
        pickle.dumps(found)
    except Exception as error:
        told = refusal(error, answer)
        found = Ended(False, None, told.sentence, told.line, told.condition, told.instead, out.getvalue())
    part = ended.with_suffix(".part")
    part.write_bytes(pickle.dumps(found))
    part.rename(ended)
