"""Where an answer works on real services: buckets and topics of its own, what it did there, and what is expected."""

from helpers.exercises.sandbox.sandbox import Given, Sandbox, Unmet
from helpers.exercises.sandbox.work import Ended, Work

__all__ = ["Ended", "Given", "Sandbox", "Unmet", "Work"]
