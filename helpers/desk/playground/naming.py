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
    lower = {one.lower(): one for one in reversed(all_names)}
    near = [lower[one] for one in get_close_matches(name.lower(), lower, 3, 0.5)]
    near += [one for one in all_names if name and name.lower() in one.lower() and one not in near][: 3 - len(near)]
    told = f"near it: {', '.join(near)}" if near else f"there are {len(all_names)} others"
    raise UserError(f"There is no {what} {name!r}; {told}.", look)


def writable(deed: str) -> None:
    """Raises UserError where the desk is read-only. deed: what would have been done, as in "produce to x"."""
    if settings().read_only:
        raise UserError(f"The desk is read-only: it does not {deed}.", "make lab")
