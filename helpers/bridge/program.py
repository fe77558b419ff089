"""The program that grows while a query is translated: imports, statements, names of variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.bridge.python import identifier
from helpers.bridge.scope import Field

_RESERVED = {"F", "Window", "Decimal", "date", "timedelta", "result", "spark"}
LONG = 45
"""Characters of a window's specification from which on it gets a variable even if it is used once."""
_TOKEN = re.compile("\x00(\\d+)\x00")


@dataclass(frozen=True)
class Named:
    """A frame that has a name in the code: a table or what a CTE became. fields: None = not known."""

    text: str
    fields: tuple[Field, ...] | None


@dataclass
class Frame:
    """A chain of method calls on a frame. fields: its columns, None = not known."""

    base: str
    steps: list[str] = field(default_factory=list)
    fields: tuple[Field, ...] | None = None
    correlated: bool = False

    @property
    def text(self) -> str:
        """The chain as Python."""
        return self.base + "".join(self.steps)

    @property
    def plain(self) -> bool:
        """Whether it is nothing but a name."""
        return not self.steps and self.base.isidentifier()

    def step(self, name: str, *arguments: str, comments: list[str] | None = None) -> None:
        """Adds a call to the chain, with comments on lines of their own above it."""
        call = f".{name}({', '.join(arguments)})"
        above = "".join(f"\n# {line}" for line in comments or [])
        self.steps.append(f"{above}\n{call}" if above else call)


@dataclass
class Program:
    """Statements so far.

    schema: table → columns, names in lower case; windows: their specifications → names; written: the table that the
    statements change; guessed: names of columns that Spark would name otherwise.
    """

    schema: Mapping[str, tuple[Field, ...]]
    imports: set[str] = field(default_factory=set)
    statements: list[str] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    windows: dict[str, str] = field(default_factory=dict)
    written: str = ""
    guessed: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=lambda: set(_RESERVED))

    def reserve(self, names: list[str]) -> None:
        """Keeps names for tables: no variable of ours takes them."""
        self._used.update(identifier(name) for name in names)

    def table(self, name: str) -> Named:
        """A table that the query reads."""
        text = self.tables.setdefault(name.lower(), identifier(name))
        return Named(text, self.schema.get(name.lower()))

    def note(self, text: str) -> None:
        """Tells the user something, once."""
        if text and text not in self.notes:
            self.notes.append(text)

    def unique(self, wanted: str) -> str:
        """A name for a variable that nothing else has."""
        base = name = identifier(wanted)
        count = 1
        while name in self._used:
            count += 1
            name = f"{base}_{count}"
        self._used.add(name)
        return name

    def assign(self, wanted: str, frame: Frame, comments: list[str] | None = None) -> Named:
        """Gives a frame a variable of its own."""
        name = self.unique(wanted)
        above = "".join(f"# {line}\n" for line in comments or [])
        self.statements.append(f"{above}{name} = (\n{frame.text}\n)")
        return Named(name, frame.fields)

    def window(self, specification: str, name: str = "window") -> str:
        """A mark for a window's specification: `finished` writes it, or a variable if it is long or used twice."""
        self.windows.setdefault(specification, name)
        return f"\x00{list(self.windows).index(specification)}\x00"

    def finished(self) -> str:
        """All statements as text."""
        uses = [int(one) for statement in self.statements for one in _TOKEN.findall(statement)]
        texts = list(self.windows)
        names: dict[int, str] = {}
        done: list[str] = []
        for statement in self.statements:
            for index in dict.fromkeys(int(one) for one in _TOKEN.findall(statement)):
                if index not in names and (uses.count(index) > 1 or len(texts[index]) >= LONG):
                    names[index] = self.unique(self.windows[texts[index]])
                    done.append(f"{names[index]} = {texts[index]}")
            done.append(_TOKEN.sub(lambda m: names.get(int(m[1])) or texts[int(m[1])], statement))
        return "\n".join(done) + "\n"
