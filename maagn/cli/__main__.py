"""For `python -m maagn.cli` and torchrun."""

from maagn.cli import app

if __name__ == "__main__":
    app()
