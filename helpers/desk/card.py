"""What a notebook shows: blocks of text, tables and code, as HTML and as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Protocol

import pyarrow as pa

from helpers.compare import Marks, html_table, text_table

# Not as wide as its longest line: a query of one line would never stand beside anything.
_HALF = "flex:1 1 26em;min-width:0;overflow-x:auto"
_FRAME = "border:1px solid currentColor;border-radius:4px;padding:0.5em 0.8em;margin:0.3em 0"


class Block(Protocol):
    """A part of a card, in both forms."""

    def text(self) -> str:
        """Plain text."""

    def html(self) -> str:
        """HTML with every value escaped, in the page's own colours."""


@dataclass(frozen=True)
class Say:
    """A sentence; strong = it is the first thing to read."""

    words: str
    strong: bool = False

    def text(self) -> str:
        """The sentence."""
        return self.words

    def html(self) -> str:
        """A paragraph."""
        inner = escape(self.words).replace("\n", "<br>")
        return f"<p><strong>{inner}</strong></p>" if self.strong else f"<p>{inner}</p>"


@dataclass(frozen=True)
class Show:
    """A table under a title. marked: cells that differ, roles: what columns are, both as in `compare.text_table`."""

    title: str
    table: pa.Table
    rows: int = 15
    marked: Marks = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Title, then lines."""
        return f"{self.title}\n{text_table(self.table, self.rows, marked=self.marked, roles=self.roles)}"

    def html(self) -> str:
        """Title, then the table."""
        return f"<p>{escape(self.title)}</p>{html_table(self.table, self.rows, marked=self.marked, roles=self.roles)}"


@dataclass(frozen=True)
class Code:
    """Source text under a title."""

    title: str
    source: str

    def text(self) -> str:
        """Title, then the source, indented."""
        lines = "\n".join(f"    {line}".rstrip() for line in self.source.splitlines())
        return f"{self.title}\n{lines}"

    def html(self) -> str:
        """Title, then the source as it is."""
        return f"<p>{escape(self.title)}</p><pre>{escape(self.source)}</pre>"


@dataclass(frozen=True)
class Program(Code):
    """Python under a title, to be read and taken away: its words told apart, with a button that copies it."""

    def html(self) -> str:
        """Title, button, then the source: bold and italics, for the page's colours may be dark or light."""
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        shown = highlight(self.source, PythonLexer(), HtmlFormatter(style="bw", noclasses=True, nobackground=True))
        copy = "navigator.clipboard.writeText(this.parentElement.nextElementSibling.innerText)"
        return f'<p>{escape(self.title)} <button onclick="{copy}">Copy</button></p>{shown}'


@dataclass(frozen=True)
class Beside:
    """Blocks next to each other where the page is wide enough; in plain text, one after the other."""

    blocks: Sequence[Block]

    def text(self) -> str:
        """The blocks' own texts."""
        return "\n\n".join(block.text() for block in self.blocks)

    def html(self) -> str:
        """A row that wraps."""
        inner = "".join(f'<div style="{_HALF}">{block.html()}</div>' for block in self.blocks)
        return f'<div style="display:flex;flex-wrap:wrap;gap:0 2em">{inner}</div>'


@dataclass(frozen=True)
class Card:
    """Blocks under a title. In a notebook it shows itself; `str()` is its plain text twin."""

    title: str
    blocks: Sequence[Block] = ()

    def __str__(self) -> str:
        return "\n\n".join([self.title, *(block.text() for block in self.blocks)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        inner = "".join(block.html() for block in self.blocks)
        return f'<div role="group" style="{_FRAME}"><p><strong>{escape(self.title)}</strong></p>{inner}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Both forms, for the notebook to choose from."""
        return {"text/plain": str(self), "text/html": self._repr_html_()}


@dataclass(frozen=True)
class Picture:
    """A Mermaid drawing, which JupyterLab shows; `str()` is its plain text twin."""

    source: str
    twin: str

    def __str__(self) -> str:
        return self.twin

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Both forms, for the notebook to choose from."""
        return {"text/plain": self.twin, "text/vnd.mermaid": self.source}
