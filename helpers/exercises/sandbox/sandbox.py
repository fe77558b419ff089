"""What a trial of a service exercise works with."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from helpers.exercises.attempt import Refused, asked, called
from helpers.exercises.model import Answer
from helpers.exercises.sandbox.broker import Broker
from helpers.exercises.sandbox.objects import Objects
from helpers.exercises.sandbox.work import Ended, Unpackable, Work, anew, run_alone

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming import StreamingQuery

Given: TypeAlias = Mapping[str, Any]
ALONE_SECONDS = 30.0
"""How long a process of its own may take."""


class Unmet(Exception):
    """An expectation that does not hold: what was looked at, what was found and expected there, and what to say."""

    def __init__(self, what: str, found: Any, expected: Any, words: str) -> None:
        self.what, self.found, self.expected, self.words = what, found, expected, words
        super().__init__(words)


class Sandbox:
    """One trial of one answer: services of its own, calls of the answer, and expectations.

    objects: the S3 side. broker: the Kafka side. spark: the session, for exercises that name "connect". random:
    seeded. folder: of this machine, deleted at the end. met: what was looked at and held, so far.
    """

    def __init__(
        self,
        answer: Answer,
        signature: str,
        parameters: tuple[str, ...],
        spark: SparkSession | None = None,
        seed: int = 1,
        tell: Callable[[str], None] = lambda words: None,
    ) -> None:
        self._answer, self._signature, self._parameters, self._spark = answer, signature, parameters, spark
        self.seed, self.random, self.step = seed, random.Random(seed), tell
        self.objects, self.broker = Objects(), Broker()
        self.folder = Path(tempfile.mkdtemp(prefix="gridbridge-sandbox-"))
        self.met: list[str] = []
        self._older_queries: set[str] | None = None
        self._printed: list[str] = []

    @property
    def printed(self) -> str:
        """What the answer printed in the first of its calls that printed anything."""
        return next(filter(None, self._printed), "")

    @property
    def spark(self) -> SparkSession:
        """The session. Only for an exercise whose services include "connect"."""
        assert self._spark is not None, "the exercise does not name the service connect"
        if self._older_queries is None:
            self._older_queries = {query.runId for query in self._spark.streams.active}
        return self._spark

    @property
    def queries(self) -> list[StreamingQuery]:
        """The streaming queries of this session that still run and were begun since the trial asked for it."""
        if self._older_queries is None:
            return []
        return [query for query in self.spark.streams.active if query.runId not in self._older_queries]

    def call(self, **given: Any) -> Any:
        """What the answer returns for these values, of which it gets those that it asks for.

        Raises Refused, with the learner's line, where it raises; NotAttempted where it says so itself.
        """
        return called(self._answer, self._asked(given), self._printed)

    def call_anew(self, **given: Any) -> Any:
        """The same of a copy that remembers nothing of other calls, as Spark calls it after a restart."""
        given = self._asked(given)
        try:
            answer = anew(self._answer)
        except Unpackable as error:
            raise Refused(str(error)) from None
        return called(answer, given, self._printed)

    def call_alone(self, **given: Any) -> Ended:
        """The same in a process of its own, which a `work` may kill. Raises Refused where it raises or hangs."""
        try:
            ended = run_alone(self._answer, self._asked(given), ALONE_SECONDS)
        except TimeoutError:
            raise Refused(
                f"Your function did not end within {ALONE_SECONDS:g} s in a process of its own: does it wait for "
                "what does not come?"
            ) from None
        self._printed.append(ended.printed)
        if ended.sentence:
            raise Refused(ended.sentence, ended.line, ended.condition, ended.instead)
        return ended

    def work(self, label: str = "work", kill_at: int | None = None, noted: bool = True) -> Work:
        """A `work` to hand to the answer: see `Work`. Those of one label share their notes."""
        return Work(self.folder / f"{label}.jsonl", kill_at, noted)

    def expect(self, what: str, found: Any, expected: Any, words: str) -> None:
        """Go on where `found` equals `expected`, else end the trial with these words. what: a noun, for people."""
        if found != expected:
            raise Unmet(what, found, expected, words)
        self.met.append(what)

    def require(self, what: str, holds: bool, words: str, found: Any = None) -> None:
        """Go on where it holds, else end the trial with these words, showing what was found."""
        if not holds:
            raise Unmet(what, found, None, words)
        self.met.append(what)

    def close(self) -> None:
        """End the queries that still run, and delete everything that the trial made."""
        with suppress(Exception):
            for query in self.queries:
                query.stop()
        with suppress(Exception):
            self.objects.close()
        with suppress(Exception):
            self.broker.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _asked(self, given: Given) -> dict[str, Any]:
        names, missing = asked(self._answer, given)
        if missing:
            raise Refused(
                f"The function asks for {missing}; it is given {', '.join(self._parameters)}.", self._signature
            )
        return {name: given[name] for name in names}
