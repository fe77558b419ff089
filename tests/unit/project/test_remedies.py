"""Every remedy that `helpers` tells names commands that exist, as someone types them in the project's folder."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import typer

from helpers.cli.main import commands
from helpers.core import errors
from tests.unit.project.commands import ROOT, stands

TYPED = ".venv/bin/gridbridge"
"""On PATH only where someone activated the environment."""
PLACE = {name: 1 for name, one in vars(errors).items() if isinstance(one, type)} | {"Finding": 3}
"""What carries a remedy, and its place among the arguments."""
DOCTOR = ("helpers/toolchain/checks.py", "helpers/services/doctor.py")
SOURCES = sorted((ROOT / "helpers").rglob("*.py"))


@cache
def tree(source: Path) -> ast.Module:
    return ast.parse(source.read_text())


def strings(node: ast.expr | None, module: ast.Module) -> list[str]:
    """What an expression may read as; X stands for what only a run knows."""
    match node:
        case ast.Constant(value=str(value)):
            return [value]
        case ast.JoinedStr(values=parts):
            return ["".join(one) for one in product(*(strings(part, module) for part in parts))]
        case ast.FormattedValue(value=value):
            return strings(value, module)
        case ast.IfExp(body=body, orelse=other):
            return [*strings(body, module), *strings(other, module)]
        case ast.Name(id=name):
            given = [
                text
                for one in ast.walk(module)
                if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in one.targets)
                for text in strings(one.value, module)
            ]
            return [*given, *imported(name, module)] or ["X"]
        case ast.Call(func=ast.Name(id=name)):
            made = [
                text
                for one in ast.walk(module)
                if isinstance(one, ast.FunctionDef) and one.name == name
                for said in ast.walk(one)
                if isinstance(said, ast.Return)
                for text in strings(said.value, module)
            ]
            return made or ["X"]
    return ["X"]


def imported(name: str, module: ast.Module) -> list[str]:
    """A name that another module of ours gives its value."""
    found = []
    for one in ast.walk(module):
        if isinstance(one, ast.ImportFrom) and one.module and any(alias.name == name for alias in one.names):
            source = ROOT / (one.module.replace(".", "/") + ".py")
            if source.is_file() and name.isupper():
                found += strings(ast.Name(name), tree(source))
    return found


def remedies(source: Path) -> Iterator[tuple[int, ast.Call, str]]:
    """(line, what carries it, remedy) of every remedy in a module."""
    for one in ast.walk(tree(source)):
        place = PLACE.get(one.func.id) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) else None
        if place is not None:
            named = [keyword.value for keyword in one.keywords if keyword.arg == "remedy"]
            for text in strings(next(iter([*one.args[place : place + 1], *named]), None), tree(source)):
                yield one.lineno, one, text


REMEDIES = [(source.relative_to(ROOT), *one) for source in SOURCES for one in remedies(source)]


def typed(remedy: str) -> list[str]:
    """The commands of make and gridbridge in a remedy; a bracket, a semicolon or two spaces end one."""
    parts = re.split(r"&&|;|[()]|,(?= )|: |  +|\n", remedy)
    found = (re.search(r"(?<!\S)(make|\S*gridbridge) .*", part.strip()) for part in parts)
    return [one[0].rstrip(".") for one in found if one]


WITH_COMMANDS = sorted({(str(source), line) for source, _, _, text in REMEDIES for line in typed(text)})


def test_there_are_remedies_to_look_at():
    lines = {line for _, line in WITH_COMMANDS}
    assert {"make setup", "make lock", "make services-down", f"{TYPED} services logs X"} <= lines
    assert "make services-down" in {line for source, line in WITH_COMMANDS if source.endswith("toolchain/checks.py")}


@pytest.mark.parametrize(("source", "line"), WITH_COMMANDS)
def test_a_command_of_a_remedy_exists_and_can_be_typed(source, line):
    assert line.startswith(("make ", f"{TYPED} "))
    assert stands(line)


@pytest.mark.parametrize(
    ("source", "line", "call"),
    [
        pytest.param(source, line, call, id=f"{source.name}:{line}")
        for source, line, call, _ in REMEDIES
        if str(source) in DOCTOR and call.func.id == "Finding" and ast.literal_eval(call.args[1]) != "ok"
    ],
)
def test_what_the_doctor_finds_wrong_has_a_remedy(source, line, call):
    texts = [text for found, at, _, text in REMEDIES if (found, at) == (source, line)]
    assert texts and all(texts)


def test_no_text_names_the_command_as_if_it_were_on_path():
    verbs = "|".join(typer.main.get_command(commands).commands)
    # In backticks it is a name, as in a module's first line.
    bare = re.compile(rf"(?<![`/\w])gridbridge ({verbs})\b")
    found = [
        f"{source.relative_to(ROOT)}:{one.lineno}"
        for source in SOURCES
        for one in ast.walk(tree(source))
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and bare.search(one.value)
    ]
    assert found == []
