import ast
import inspect

import helpers.exercises as room


def test_the_public_names_are_complete_and_sorted():
    tree = ast.parse(inspect.getsource(room))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert set(room.__all__) == imported
    assert all(hasattr(room, name) for name in room.__all__)
