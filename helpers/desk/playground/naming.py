"""Wrong names get the near ones; writing is refused where only reading was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from helpers.core.errors import UserError
from helpers.core.settings import settings


def known(what: str, name: str, names: Iterable[str], look: str) -> str:
    """The name, if it is one of these. look: the call that lists them. Raises UserError with the nearest ones."""
    all_names = sorted(names)
    if name in all_names:
        return name
    found = near(name, all_names)
    told = f"near it: {', '.join(found)}" if found else f"there are {len(all_names)} others"
    raise UserError(f"There is no {what} {name!r}; {told}.", look)


def near(name: str, names: Iterable[str]) -> list[str]:
    """Up to three names like this one."""
    all_names = sorted(names)
    lower = {one.lower(): one for one in reversed(all_names)}
    found = [lower[one] for one in get_close_matches(name.lower(), lower, 3, 0.5)]
    found += [one for one in all_names if name and name.lower() in one.lower() and one not in found][: 3 - len(found)]
    return found


def line_of(text: str, number: int) -> str:
    """As in "in line 2: FORM sites": a line of a statement, the first being 1."""
    lines = text.splitlines()
    return f"in line {number}: {lines[number - 1].strip()}" if 0 < number <= len(lines) else ""


def writable(deed: str) -> None:
    """Raises UserError where the desk is read-only. deed: what would have been done, as in "produce to x"."""
    if settings().read_only:
        raise UserError(f"The desk is read-only: it does not {deed}.", "make lab")
