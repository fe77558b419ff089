"""An exercise on real services: what an answer did there is looked at, not its code and not what it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from helpers import services
from helpers.core.errors import ExerciseBroken, GridbridgeError
from helpers.exercises.attempt import NotAttempted, Refused, blank
from helpers.exercises.model import Answer, Task
from helpers.exercises.sandbox import Sandbox, Unmet
from helpers.exercises.verdict import Verdict, not_attempted
from helpers.spark.limits import TooLong, time_limit
from helpers.spark.logs import quiet

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SECONDS = 60.0
"""How long a trial may take."""
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class ServiceExercise(Task):
    """A task on Kafka, S3 or a stream.

    gives: the parameters that the learner's function may ask for -> what each is. promises: what must hold
    afterwards, a sentence each, shown before any code is written. services: what must be up, of kafka, s3, connect.
    trial: sets the scene in a sandbox, calls the answer there, and says what it expects; nothing but the promises.
    """

    gives: Mapping[str, str]
    promises: tuple[str, ...]
    services: tuple[str, ...]
    trial: Callable[[Sandbox], None]

    @property
    def parameters(self) -> tuple[str, ...]:
        """What is given."""
        return tuple(self.gives)

    @property
    def uses_spark(self) -> bool:
        """Whether its services include Spark Connect."""
        return "connect" in self.services

    def _reasons(self) -> Iterator[str]:
        yield from super()._reasons()
        if not self.promises or any(not promise.strip() for promise in self.promises):
            yield "it promises nothing that could be looked at"
        if not self.services or set(self.services) - set(services.SERVICES):
            yield f"its services are not some of {', '.join(services.SERVICES)}"


def judge_on_services(
    answer: Answer | str,
    exercise: ServiceExercise,
    spark: SparkSession | None = None,
    seed: int = 1,
    tell: Tell = lambda words: None,
    seconds: float = SECONDS,
) -> Verdict:
    """The verdict on a function, tried on services that are started if they are not up.

    spark: for an exercise that names "connect". tell: gets a sentence at each step of the trial.
    Raises ServiceError where a service does not come up, ExerciseBroken where the trial itself is at fault.
    """
    begin = time.monotonic()
    if isinstance(answer, str):
        return Verdict("error", exercise, f"This exercise wants a function: {exercise.signature}")
    if blank(answer):
        return not_attempted(exercise)
    services.ensure(*exercise.services)
    sandbox = Sandbox(answer, exercise.signature, exercise.parameters, spark, seed, tell)
    try:
        with quiet(), time_limit(spark, seconds):
            verdict = _tried(exercise, sandbox)
    except TooLong:
        sentence = f"Your answer was stopped after {seconds:g} s: a loop, or a wait for what does not come?"
        verdict = Verdict("error", exercise, sentence)
    finally:
        sandbox.close()
    return replace(
        verdict,
        met=tuple(dict.fromkeys(sandbox.met)),
        printed=sandbox.printed,
        seconds=time.monotonic() - begin,
        seed=seed,
    )


def _tried(exercise: ServiceExercise, sandbox: Sandbox) -> Verdict:
    try:
        exercise.trial(sandbox)
    except NotAttempted:
        return not_attempted(exercise)
    except Refused as refused:
        return Verdict("error", exercise, refused.sentence, error_line=refused.line, instead=refused.instead)
    except Unmet as unmet:
        return Verdict(
            "different",
            exercise,
            unmet.words,
            looked_at=unmet.what,
            yours=None if unmet.found is None else _table(unmet.found),
            expected=None if unmet.expected is None else _table(unmet.expected),
        )
    except GridbridgeError:
        raise
    except Exception as error:
        raise ExerciseBroken(f"The trial of {exercise.id} failed: {type(error).__name__}: {error}") from error
    if not sandbox.met:
        raise ExerciseBroken(f"The trial of {exercise.id} expected nothing.")
    return Verdict("right", exercise, f"Right: {', '.join(dict.fromkeys(sandbox.met))}.")


def _table(value: Any) -> pa.Table:
    """A value as a table to look at: a mapping as name and value, a sequence as rows, anything else as one cell."""
    if isinstance(value, pa.Table):
        return value
    if isinstance(value, Mapping):
        return pa.table({"name": [str(one) for one in value], "value": [str(one) for one in value.values()]})
    if isinstance(value, list | tuple | set | frozenset):
        rows = sorted(value, key=repr) if isinstance(value, set | frozenset) else list(value)
        if rows and all(isinstance(row, Mapping) for row in rows):
            return pa.Table.from_pylist([{key: str(cell) for key, cell in row.items()} for row in rows])
        return pa.table({"value": [str(row) for row in rows]})
    return pa.table({"value": [str(value)]})
