"""Reads Spark's spelling of a type, from the left."""

from __future__ import annotations

import re

import pyarrow as pa

from helpers.core.errors import UserError

_SCALARS: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "interval day to second": pa.duration("us"),
    "void": pa.null(),
}
_SYNONYMS = {
    "bool": "boolean",
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "real": "float",
    "timestamp_ltz": "timestamp",
    "dec": "decimal",
    "numeric": "decimal",
}
PLAIN_NAME = re.compile(r"[^`,:<>\s](?:[^`,:<>]*[^`,:<>\s])?")
"""A field's name that needs no backticks."""
_WORD = re.compile(r"[a-z_]+(?: [a-z]+)*")
_SIZES = re.compile(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")


def read_type(text: str) -> pa.DataType:
    """The Arrow type of the whole text; see `table.arrow_type`. Raises UserError where it is no type."""
    reader = _Reader(text)
    kind = reader.kind()
    if reader.rest.strip():
        reader.refuse()
    return kind


class _Reader:
    """Reads one type from the left of a text."""

    def __init__(self, text: str) -> None:
        self.text = self.rest = text

    def refuse(self) -> None:
        raise UserError(
            f"{self.text!r} is no type of Spark (at {self.rest!r}).",
            f"Use one of {', '.join(_SCALARS)}, decimal(p,s), array<...>, struct<name:...> or map<...,...>.",
        )

    def take(self, sign: str) -> bool:
        self.rest = self.rest.lstrip()
        if not self.rest.startswith(sign):
            return False
        self.rest = self.rest[len(sign) :]
        return True

    def need(self, sign: str) -> None:
        if not self.take(sign):
            self.refuse()

    def kind(self) -> pa.DataType:
        self.rest = self.rest.lstrip()
        found = _WORD.match(self.rest.lower())
        word = found.group() if found else ""
        after = self.rest[len(word) :]
        name = _SYNONYMS.get(word, word)
        sizes = _SIZES.match(after.lstrip())
        if name in ("decimal", "varchar", "char", "time") and (sizes or name in ("decimal", "time")):
            self.rest = after.lstrip()[sizes.end() :] if sizes else after
            return self._sized(name, sizes)
        if name in _SCALARS:
            self.rest = after
            return _SCALARS[name]
        if name not in ("array", "map", "struct"):
            self.refuse()
        self.rest = after
        self.need("<")
        return {"array": self._array, "map": self._map, "struct": self._struct}[name]()

    def _sized(self, name: str, sizes: re.Match[str] | None) -> pa.DataType:
        if name == "time":
            return pa.time64("ns")
        if name != "decimal":
            return pa.string()
        precision, scale = (int(sizes[1]), int(sizes[2] or 0)) if sizes else (10, 0)
        if not (1 <= precision <= 38 and scale <= precision):
            self.refuse()
        return pa.decimal128(precision, scale)

    def _array(self) -> pa.DataType:
        item = self.kind()
        self.need(">")
        return pa.list_(item)

    def _map(self) -> pa.DataType:
        key = self.kind()
        if pa.types.is_null(key):
            self.refuse()
        self.need(",")
        item = self.kind()
        self.need(">")
        return pa.map_(key, item)

    def _struct(self) -> pa.DataType:
        fields: list[tuple[str, pa.DataType]] = []
        while not self.take(">"):
            if fields:
                self.need(",")
            name = self._field_name()
            self.need(":")
            fields.append((name, self.kind()))
        return pa.struct(fields)

    def _field_name(self) -> str:
        self.rest = self.rest.lstrip()
        quoted = re.match(r"`((?:[^`]|``)*)`", self.rest)
        plain = PLAIN_NAME.match(self.rest)
        if quoted is None and plain is None:
            self.refuse()
        found = quoted or plain
        assert found is not None
        self.rest = self.rest[found.end() :]
        return quoted[1].replace("``", "`") if quoted else found.group()
