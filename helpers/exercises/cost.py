"""What a right answer costs on the full data, held against its budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.exercises.attempt import Attempt, Refused, refusal
from helpers.exercises.budget import Budget, overrun
from helpers.exercises.full import full_frames, full_size
from helpers.exercises.model import Exercise, Wrong
from helpers.exercises.variants import fingerprint
from helpers.spark.plan import Plan, plan_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SEALED = "USER_RAISED_EXCEPTION"
_ON_THE_WAY = (
    "Your function runs a query itself (collect, count, first, toPandas, a checkpoint ...), and what that costs is "
    "not in the plan of what it returns. Return one DataFrame that does it all."
)
_known: dict[tuple[str, str], object] = {}


@dataclass(frozen=True)
class Cost:
    """An answer's plan on the full data. over: how it oversteps the budget, "" where it does not; misconception: as
    in `Verdict`."""

    plan: Plan | None
    over: str = ""
    misconception: str = ""


def cost(attempt: Attempt, budget: Budget) -> Cost:
    """What an answer whose rows are right costs. Raises Refused where it fails on the full data."""
    with full_size(attempt.spark):
        full = full_frames(attempt.spark, attempt.exercise.tables)
        if _runs_on_the_way(attempt, full):
            return Cost(None, _ON_THE_WAY)
        frame, plan = _run(attempt, full)
        if plan.stored:
            # Spark keeps for everybody what anybody cached: only what is stored after this is the answer's own.
            attempt.spark.catalog.clearCache()
            frame, plan = _run(attempt, full)
        over = overrun(plan, budget)
        wrong = _misconception(attempt, full, plan_of(frame, run=False)) if over else None
    return Cost(plan, f"{over} {wrong.words}", wrong.name) if wrong else Cost(plan, over)


def _run(attempt: Attempt, full: Mapping[str, DataFrame]) -> tuple[DataFrame, Plan]:
    frame = attempt.frame_on(full)
    try:
        return frame, plan_of(frame)
    except Exception as error:
        raise refusal(error, attempt.answer) from error


def _runs_on_the_way(attempt: Attempt, full: Mapping[str, DataFrame]) -> bool:
    """True where the answer reads the files before it returns: on readings that no query survives, it raises."""
    from pyspark.sql import functions as F

    if "readings" not in full:
        return False
    sealed = full["readings"].where(F.raise_error(F.lit("sealed")).isNull())
    try:
        # A pivot without its values looks for them when it is analysed.
        attempt.frame_on({**full, "readings": sealed}).schema  # noqa: B018
    except Refused as refused:
        return refused.condition == _SEALED
    except Exception as error:
        return refusal(error, attempt.answer).condition == _SEALED
    return False


def _misconception(attempt: Attempt, full: Mapping[str, DataFrame], planned: Plan) -> Wrong | None:
    """The first listed answer over budget that is planned at the same cost."""
    for wrong in attempt.exercise.wrong:
        if wrong.over_budget and _planned(wrong, attempt, full) == _figures(planned):
            return wrong
    return None


def _planned(wrong: Wrong, attempt: Attempt, full: Mapping[str, DataFrame]) -> object:
    exercise: Exercise = attempt.exercise
    key = (fingerprint(exercise), wrong.name)
    if key not in _known:
        frame = Attempt(wrong.answer, exercise, attempt.spark).frame_on(full)
        _known[key] = _figures(plan_of(frame, run=False))
    return _known[key]


def _figures(plan: Plan) -> tuple[Any, ...]:
    scans = sorted((sorted(one.columns), sorted(one.pushed), sorted(one.pruned)) for one in plan.scans)
    # In the tree's order: whether rows are moved before or after they are grouped is what makes them many or few.
    steps = [node.name for node in plan if node.name not in ("Filter", "Project")]
    return scans, steps
