"""All that notebooks import, as in `from helpers.desk import check, hint, solution, contract, data, spark`.

`spark` is the session, started when it is first asked for; the classroom's tables are its views.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from helpers.desk.card import Card
from helpers.desk.clicks import buttons
from helpers.desk.errors import dialect, why
from helpers.desk.magic import register
from helpers.desk.names import exercises
from helpers.desk.pairing import pair, swap
from helpers.desk.plans import cost, full, plan
from helpers.desk.session import session
from helpers.desk.translation import rosetta
from helpers.desk.verbs import check, contract, data, hint, progress, solution

if TYPE_CHECKING:
    from helpers.desk.bridging import bridge
    from helpers.desk.start_page import reset, start

__all__ = [
    "Card",
    "bridge",
    "buttons",
    "check",
    "contract",
    "cost",
    "data",
    "dialect",
    "exercises",
    "full",
    "hint",
    "pair",
    "plan",
    "progress",
    "reset",
    "rosetta",
    "session",
    "solution",
    "spark",
    "start",
    "swap",
    "why",
]

# Imported when a notebook asks for it: with these a learner would wait twice as long for a lesson's first answer.
_LATER = {"bridge": "bridging", "reset": "start_page", "start": "start_page"}

register()


def __getattr__(name: str) -> Any:
    if name == "spark":
        return session()
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
