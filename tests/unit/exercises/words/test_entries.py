import re
import string

from pyspark.sql import Column
from pyspark.sql import functions as F

from helpers.exercises.words import DIALECTS, ENTRIES, explained

KNOWN = {"home", "missing", "called", "asked", "inner", "routine"}
SPARKS = re.compile(r"[a-z]+([A-Z][a-z]+)*\d?|wf_name|arg_name|arg_type|attr_name|expected_type")


def texts(entry):
    return [entry.words, *(getattr(entry, dialect) for dialect in DIALECTS)]


def test_names_are_unique():
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


def test_words_are_short_and_end_as_sentences_do():
    for entry in ENTRIES:
        for text in filter(None, texts(entry)):
            assert 20 < len(text) < 260, entry.name
            assert text[-1] in ".?", entry.name
            assert text.count(". ") <= 2, entry.name


def test_a_place_for_a_value_has_a_name_and_nothing_else():
    for entry in ENTRIES:
        for text in (*texts(entry), entry.instead):
            for _, name, form, conversion in string.Formatter().parse(text):
                assert name is None or name in KNOWN or SPARKS.fullmatch(name), (entry.name, name)
                assert not form and not conversion, entry.name


def test_what_to_write_instead_exists():
    for entry in ENTRIES:
        for name in re.findall(r"\bF\.(\w+)\(", entry.instead):
            assert hasattr(F, name), (entry.name, name)
        for name in re.findall(r'F\.col\("\w+"\)\.(\w+)\(', entry.instead):
            assert hasattr(Column, name), (entry.name, name)


def test_words_never_blame():
    for entry in ENTRIES:
        for text in texts(entry):
            assert not re.search(r"\b(simply|just|obviously|wrongly|stupid|forgot|should have)\b", text), entry.name


def test_an_error_that_nobody_listed_is_left_alone():
    assert explained(ZeroDivisionError("division by zero")) is None
    assert explained(RuntimeError("rownum TOP 5 NVL")) is None
