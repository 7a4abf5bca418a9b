"""The command line: parse, call one library function, print. No logic lives here.

Only click, rich and light modules are imported at the top; a command imports the heavy rooms inside its body, so that
``podcast --help`` stays quick. Text from outside is escaped at one place, ``output.py``.
"""

from .app import main

__all__ = ["main"]
