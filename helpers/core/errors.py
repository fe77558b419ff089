"""The error tree. Every error says what was wrong and the next command to run.

GridbridgeError
├── UserError           the input was wrong: a parameter, a mapping, a setting
├── SetupError          the machine or the set-up is not ready: Java, a lock, a jar
├── ServiceError        a service did not start, did not answer, or is somebody else's
├── PipelineError       a run could not go on
│   ├── StageFailed     one stage failed; names the stage
│   │   └── ServiceGone     because a service answers no more
│   └── LeaseHeld       another run writes this lake: who, since when
├── LeaseLost           this run's lease was taken over; nothing more may be committed
└── ExerciseBroken      an exercise is badly written: the author's fault, never a verdict on the learner
"""

from __future__ import annotations


class GridbridgeError(Exception):
    """An error with a cause in one sentence and, where one exists, the command that mends it.

    cause: what was wrong, and where.
    remedy: the next command or action; printed on a line of its own.
    """

    exit_code = 1

    def __init__(self, cause: str, remedy: str = "") -> None:
        self.cause = cause
        self.remedy = remedy
        super().__init__(f"{cause}\n{remedy}" if remedy else cause)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of this error: the sentence and the remedy, no stack of our own frames."""
        return [self.cause, *([f"Next: {self.remedy}"] if self.remedy else [])]

    def __reduce__(self) -> tuple[type[GridbridgeError], tuple[str, str]]:
        return type(self), (self.cause, self.remedy)


class UserError(GridbridgeError):
    """A user's input was refused before anything started."""

    exit_code = 2


class SetupError(GridbridgeError):
    """The machine or its set-up lacks something."""


class ServiceError(GridbridgeError):
    """A service did not start, did not answer, or belongs to somebody else."""


class PipelineError(GridbridgeError):
    """A pipeline run could not go on."""


class StageFailed(PipelineError):
    """One stage of a run failed; the message names it."""


class ServiceGone(StageFailed):
    """One stage of a run failed because a service answers no more; the message names both."""


class LeaseHeld(PipelineError):
    """Another run holds the lake's writer lease."""


class LeaseLost(GridbridgeError):
    """This run's lease was taken over: it must not commit anything more."""


class ExerciseBroken(GridbridgeError):
    """An exercise is badly written: its oracle, contract, hints or answers. Never a verdict on the learner."""
