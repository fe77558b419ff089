"""What a user may say about a file of their own, where it cannot be known from the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from helpers.core.errors import UserError
from helpers.desk.playground.own.columns import Reading


@dataclass(frozen=True)
class Options:
    """See `own_data`, whose arguments these are."""

    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None
    skip: int = 0
    nulls: Sequence[str] = ()
    decimal: str | None = None
    day_first: bool | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    bad_lines: str = "refuse"

    def __post_init__(self) -> None:
        if self.decimal not in (None, ".", ","):
            raise UserError(f"{self.decimal!r} is no decimal mark.", 'decimal="," or decimal="."')
        if self.bad_lines not in ("refuse", "skip"):
            raise UserError(f"bad_lines is {self.bad_lines!r}.", 'bad_lines="refuse" or bad_lines="skip"')
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise UserError(f"{self.delimiter!r} is no single character between fields.", 'delimiter=";"')
        if self.skip < 0:
            raise UserError(f"{self.skip} lines cannot be skipped.", "skip=1")
        if isinstance(self.nulls, str):
            raise UserError(
                f"nulls is the text {self.nulls!r}; a list of texts is wanted.", f'nulls=["{self.nulls}"]'
            )

    @property
    def reading(self) -> Reading:
        """What was said of numbers and dates."""
        return Reading(self.decimal, self.day_first)

    def only(self, taken: Sequence[str], what: str, instead: str) -> None:
        """Raises UserError where something was said that this kind of source does not take, which would be ignored.

        what: the kind and why, as in "a Parquet file has types of its own"; instead: what does it there.
        """
        usual = Options()
        said = [one.name for one in fields(self) if getattr(self, one.name) not in ([], getattr(usual, one.name))]
        if others := [name for name in said if name not in taken]:
            raise UserError(f"{what}: it takes no {', '.join(f'{name}=' for name in others)}.", instead)
