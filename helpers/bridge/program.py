"""The program that grows while a query is translated: imports, statements, names of variables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.bridge.python import identifier
from helpers.bridge.scope import Field

_RESERVED = {"F", "Window", "Decimal", "date", "timedelta", "result", "spark"}
LONG = 45
"""Characters of a text set apart from which on it gets a variable even if it is used once."""
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

    schema: table → columns, names in lower case; apart: texts that may get a variable → its name; written: the table
    that the statements change; guessed: names of columns that Spark would name otherwise.
    """

    schema: Mapping[str, tuple[Field, ...]]
    imports: set[str] = field(default_factory=set)
    statements: list[str] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    apart: dict[str, str] = field(default_factory=dict)
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

    def set_apart(self, text: str, name: str) -> str:
        """A mark for a window or a list: `finished` writes its text, or a variable if it is long or used twice."""
        self.apart.setdefault(text, name)
        return f"\x00{list(self.apart).index(text)}\x00"

    def finished(self) -> str:
        """All statements as text."""
        texts = list(self.apart)
        # A window may hold a list.
        uses = Counter(int(one) for text in [*self.statements, *texts] for one in _TOKEN.findall(text))
        names: dict[int, str] = {}
        done: list[str] = []

        def written(text: str) -> str:
            return _TOKEN.sub(lambda match: put(int(match[1])), text)

        def put(index: int) -> str:
            if index in names:
                return names[index]
            text = written(texts[index])
            if uses[index] == 1 and len(texts[index]) < LONG:
                return text
            names[index] = self.unique(self.apart[texts[index]])
            done.append(f"{names[index]} = {text}")
            return names[index]

        for statement in self.statements:
            done.append(written(statement))
        return "\n".join(done) + "\n"
