"""The lesson engine: exercises, and verdicts on answers that can be believed. It displays nothing."""

from helpers.compare import Column
from helpers.exercises.budget import Budget
from helpers.exercises.catalogue import Entry, exercise, lesson, lessons
from helpers.exercises.check import check, judge
from helpers.exercises.classroom import TABLES, usual
from helpers.exercises.model import Answer, Contract, Exercise, Lesson, Task, Wrong
from helpers.exercises.rows import START, row
from helpers.exercises.sandbox import Sandbox
from helpers.exercises.service import ServiceExercise
from helpers.exercises.session import teaching_session
from helpers.exercises.verdict import Verdict

__all__ = [
    "START",
    "TABLES",
    "Answer",
    "Budget",
    "Column",
    "Contract",
    "Entry",
    "Exercise",
    "Lesson",
    "Sandbox",
    "ServiceExercise",
    "Task",
    "Verdict",
    "Wrong",
    "check",
    "exercise",
    "judge",
    "lesson",
    "lessons",
    "row",
    "teaching_session",
    "usual",
]
