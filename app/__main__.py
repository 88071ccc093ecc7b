"""`python -m app`: serve the explorer; options of Streamlit first, the app's own after `--`."""

import sys
from pathlib import Path

from streamlit.web.cli import main

from app import admission, closed, imports

closed.close()
admission.guard()
imports.FIRST.begin()
sys.argv[1:1] = ["run", str(Path(__file__).with_name("main.py"))]
main()
