import subprocess
import sys
import types

import helpers.compare


def test_the_list_of_public_names_is_complete():
    named = {name for name, value in vars(helpers.compare).items() if not name.startswith("_")}
    modules = {name for name in named if isinstance(getattr(helpers.compare, name), types.ModuleType)}
    # A module of the same name as its function (difference, shrink) is hidden behind it.
    assert named - modules == set(helpers.compare.__all__)
    assert list(helpers.compare.__all__) == sorted(helpers.compare.__all__)


def test_importing_it_brings_no_spark_and_no_notebook():
    unwanted = ("pyspark", "py4j", "IPython", "pandas")
    script = f"import sys, helpers.compare; print([name for name in {unwanted} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
