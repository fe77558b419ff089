"""From SQL text: the rows that separate right from nearly right, and the queries that are one slip away. No Spark."""

from helpers.adversary.families import Family, families, joining
from helpers.adversary.fuse import fuse
from helpers.adversary.mutants import Mutant, mutants
from helpers.adversary.schema import Reference, Table

__all__ = ["Family", "Mutant", "Reference", "Table", "families", "fuse", "joining", "mutants"]
