"""An exercise that is well made, to be spoiled one part at a time."""

from helpers.exercises import Column, Contract, Exercise, Wrong


def right(sites):
    return sites.select("site_id")


def also_right(sites):
    return sites.select(sites.site_id)


def wrong(sites):
    return sites.limit(1)


def exercise(**changes):
    parts = {
        "id": "sample.site_ids",
        "title": "Sites",
        "task": "List the sites.",
        "tables": ("sites",),
        "oracle": "SELECT site_id FROM sites",
        "contract": Contract("one row per site", (Column("site_id", "string", False),), key=("site_id",)),
        "hints": ("What is asked?", "Which column?", "select"),
        "solutions": (right, also_right),
        "wrong": tuple(Wrong(name, wrong, f"Because of {name}.") for name in "abcd"),
        "remember": "SELECT is select.",
    }
    return Exercise(**{**parts, **changes})


FILE = """
from helpers.exercises import Column, Contract, Exercise, Lesson, Wrong

LESSON = Lesson(number={number}, title="Sample {number}", minutes=30)


def right(sites):
    return sites.select("site_id")


EXERCISES = (
    Exercise(
        id="sample.{name}",
        title="Sites",
        task="List the sites.",
        tables=("sites",),
        oracle="SELECT site_id FROM sites",
        contract=Contract("one row per site", (Column("site_id", "string", False),)),
        hints=("a", "b", "c"),
        solutions=(right, right),
        wrong=tuple(Wrong(name, right, name) for name in "abcd"),
        remember="so",
    ),
)
"""


def lesson_folder(root, folder, number, name):
    path = root / folder / "exercises.py"
    path.parent.mkdir(parents=True)
    path.write_text(FILE.format(number=number, name=name))
    return path
