"""The parameters of a pipeline run: declared once, typed, and refused before anything starts."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from helpers.core.errors import UserError
from helpers.peak.recordings import Recording, catalogue, from_mapping, read

SMALL = (
    "nrel_RSF_II.csv",
    "snow_data.csv",
    "nrel_1axis_tracker_mesa_ac_power.csv",
    "ac_power_inv_7539_outliers.csv",
    "rmis_weather_data.csv",
)
"""What "small" stands for in `recordings`: two plants, two sensors and a weather station, about 3,300 messages."""


class Parameters(BaseModel):
    """What a run may be told; the notebook's parameters cell has the same names and defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    seed: int = Field(7, ge=0, description="Seed of the planted faults, and of a world not made yet.")
    recordings: str = Field("small", description="all, small, or some by file or source, separated by commas.")
    fault_rate: float = Field(0.02, ge=0, le=0.5, description="Share of events that get a planted fault.")
    rate: float = Field(0.0, ge=0, description="Events a second; 0 = full speed.")
    limit: int = Field(0, ge=0, description="Send at most so many messages in this run; 0 = all.")
    resend: bool = Field(False, description="Send everything again, though it was sent with this seed before.")
    recording: str = Field("", description="A CSV or Parquet file of your own to replay too.")
    mapping: str = Field("", description="The mapping (TOML) of that file; datasets/README.md describes it.")
    run_id: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,64}$", description="The run's name; empty = from the time.")

    @field_validator("fault_rate", "rate", mode="before")
    @classmethod
    def _whole_numbers_are_numbers(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("run_id")
    @classmethod
    def _no_dots_alone(cls, value: str) -> str:
        if value.startswith("."):
            raise ValueError("it must not start with a dot")
        return value

    @model_validator(mode="after")
    def _file_and_mapping(self) -> Parameters:
        if bool(self.recording) != bool(self.mapping):
            raise ValueError("recording and mapping go together: give both or neither")
        return self

    def chosen(self) -> list[Recording]:
        """The recordings to replay, the user's own last. Raises UserError naming what is unknown or malformed.

        The user's own is read whole, so that a bad value is told before anything starts.
        """
        known = catalogue()
        groups = {"all": tuple(r.file for r in known), "small": SMALL}
        wanted = [part.strip() for part in self.recordings.split(",") if part.strip()]
        names = {name for part in wanted for name in groups.get(part, (part,))}
        unknown = sorted(names - {r.file for r in known} - {r.source for r in known})
        if unknown or not names:
            raise UserError(
                f"There is no recording {unknown[0]!r}." if unknown else "No recording was chosen.",
                f"Use all, small, or some of: {', '.join(dict.fromkeys(r.source for r in known))}.",
            )
        found = [r for r in known if r.file in names or r.source in names]
        return [*found, self._own({r.source for r in known})] if self.recording else found

    def _own(self, taken: set[str]) -> Recording:
        own = from_mapping(Path(self.mapping), Path(self.recording))
        if own.source in taken:
            raise UserError(
                f"The mapping {self.mapping!r} has the source {own.source!r}, which a recording of the package has.",
                "Choose another source in the mapping.",
            )
        read(own)
        return own


def parameters(values: Mapping[str, Any]) -> Parameters:
    """Validated parameters. Raises UserError naming the first that is unknown or has a wrong value."""
    try:
        return Parameters(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            cause = f"There is no parameter {name!r}; the parameters are {', '.join(Parameters.model_fields)}."
        elif name:
            cause = f"The parameter {name} has the value {first['input']!r}: {_sentence(first['msg'])}"
        else:
            cause = f"The parameters do not fit: {_sentence(first['msg'])}"
        raise UserError(
            cause, "Correct it and start again; .venv/bin/gridbridge pipeline run --help lists all."
        ) from None


def _sentence(text: str) -> str:
    return text.removeprefix("Value error, ").rstrip(".") + "."


def from_notebook(namespace: Mapping[str, Any]) -> Parameters:
    """Parameters of a notebook: the declared names in its namespace, and what papermill injected.

    namespace: the notebook's globals(). papermill injects names unescaped and unchecked, so the cell that it adds
    (its first line is "# Parameters") is read for names that are not declared. Raises UserError.
    """
    given = {name: namespace[name] for name in Parameters.model_fields if name in namespace}
    return parameters(given | {name: namespace[name] for name in injected(namespace) if name in namespace})


def injected(namespace: Mapping[str, Any]) -> list[str]:
    """The names that papermill injected into a notebook, whose globals() `namespace` is."""
    cells: Sequence[str] = namespace.get("In", ())
    return [name for source in cells if source.lstrip().startswith("# Parameters") for name in assigned(source)]


def assigned(source: str) -> list[str]:
    """The names that a cell's code gives a value to, in their order."""
    nodes = sorted(
        (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)), key=lambda node: node.lineno
    )
    return list(dict.fromkeys(node.id for node in nodes if isinstance(node.ctx, ast.Store)))
