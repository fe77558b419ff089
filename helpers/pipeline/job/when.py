"""When a job's runs are due: every so many minutes, by a cron text, or where new objects lie below a prefix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from helpers.core.errors import UserError

POLL = 10.0
"""Seconds between two looks at a prefix."""
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EXAMPLE = 'As in:  .venv/bin/gridbridge job NAME --cron "*/15 6-20 * * mon-fri"'


@dataclass(frozen=True)
class When:
    """told: for people; trigger: when to run, or when to look; objects: (bucket, prefix) to look at, or None."""

    told: str
    trigger: BaseTrigger
    objects: tuple[str, str] | None = None

    def first(self, last: datetime | None, now: datetime) -> datetime:
        """When the next run is due. last: when the newest began, as the journal has it; None = there was none.

        What fell due while the job was not running is made up by one run at once.
        """
        if last is not None:
            return max(now, self.trigger.get_next_fire_time(last, last) or now)
        if isinstance(self.trigger, IntervalTrigger):
            return now
        return self.trigger.get_next_fire_time(None, now) or now


def every(minutes: float) -> When:
    """Every so many minutes from the first run on. Raises UserError for less than a second."""
    if not 1 / 60 <= minutes <= 525_600:
        raise UserError(f"A job cannot run every {minutes:g} minutes.", "Choose a number from 1/60 to 525600.")
    return When(f"every {minutes:g} minutes", IntervalTrigger(seconds=minutes * 60, timezone=UTC))


def cron(text: str) -> When:
    """By a cron text of five fields, in UTC. Raises UserError where it is none.

    Days of the week are as in cron: 0 and 7 are Sunday, names are better.
    """
    fields = text.split()
    if len(fields) != 5:
        raise UserError(f"The cron text {text!r} has {len(fields)} fields, not 5.", _EXAMPLE)
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise UserError(
            f"The cron text {text!r} names days of the month and days of the week: cron takes either, others both.",
            "Name one of them and write * for the other.",
        )
    try:
        trigger = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=UTC
        )
    except ValueError as error:
        raise UserError(f"The cron text {text!r} cannot be read: {str(error).rstrip('.')}.", _EXAMPLE) from None
    if trigger.get_next_fire_time(None, datetime.now(UTC)) is None:
        raise UserError(f"The cron text {text!r} is never due.", _EXAMPLE)
    return When(f"cron {text} (UTC)", trigger)


def objects(address: str, seconds: float = POLL) -> When:
    """Where objects lie below an address that no run has seen yet. Raises UserError where it is none of S3."""
    found = re.fullmatch(r"s3a?://([a-z0-9][a-z0-9.-]{2,62})/?(.*)", address)
    if not found:
        raise UserError(
            f"{address!r} is no address of S3.", "Write it as in:  s3://peak-landing/pipelines/meter_check/"
        )
    trigger = IntervalTrigger(seconds=seconds, timezone=UTC)
    return When(f"new objects in s3://{found[1]}/{found[2]}", trigger, (found[1], found[2]))


def _weekdays(field: str) -> str:
    """Cron's numbers as names: the scheduler's own numbers begin with Monday."""
    if not re.search(r"\d", field.partition("/")[0]):
        return field
    names: list[str] = []
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        if not all(one.isdigit() and int(one) <= 7 for one in (low, high or low)):
            names.append(part)
            continue
        names += _DAYS[int(low) : int(high or low) + 1 : int(step or 1)]
    return ",".join(dict.fromkeys(names))
