"""`python -m maagn`, as torchrun starts it."""

from maagn.cli import app

if __name__ == "__main__":
    app()
