from helpers.bridge.functions import function
from tests.bridge.mapping import TARGET, kind, text


def test_the_data_are_what_pyspark_says() -> None:
    assert TARGET.read_text() == text(), "make the data again: python -m tests.bridge.mapping"


def test_annotations_tell_what_a_parameter_takes() -> None:
    assert kind("ColumnOrName") == "column"
    assert kind("typing.Union[ForwardRef('ColumnOrName'), int]") == "number"
    assert kind("typing.Union[pyspark.sql.column.Column, int, NoneType]") == "either"
    assert kind("<class 'int'>") == "int"
    assert kind("typing.Callable[[pyspark.sql.column.Column], pyspark.sql.column.Column]") is None


def test_a_name_that_differs_in_python() -> None:
    found = function("MAP")
    assert found is not None and found.python == "create_map" and found.takes(4)
    assert function("no_such_function") is None


def test_counts_of_arguments() -> None:
    lag = function("lag")
    assert lag is not None
    assert [lag.takes(count) for count in range(5)] == [False, True, True, True, False]
