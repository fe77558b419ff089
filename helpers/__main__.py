"""`python -m helpers` is the gridbridge command."""

from helpers.cli.main import app

if __name__ == "__main__":
    app()
