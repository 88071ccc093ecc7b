"""`python -m app`: serve the explorer; options of Streamlit first, the app's own after `--`."""

import sys
from pathlib import Path

from streamlit.web.cli import main

from app import command_line
from app.errors import CommandLineError
from app.server import guards, imports


def _line(text: str) -> str:
    """The text on one line: line breaks in file names become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


try:
    arguments = command_line.sorted_out(sys.argv[1:])
    for told in command_line.check(arguments):
        print(_line(told), flush=True)
except CommandLineError as error:
    print(_line(str(error)), file=sys.stderr)
    sys.exit(2)
guards.close()
guards.guard()
imports.FIRST.begin()
sys.argv[1:] = ["run", str(Path(__file__).with_name("main.py")), *arguments]
main()
