"""Is this machine, this project, its storage and its public address fit? Named checks in tables, each with what to do.

A check looks at one thing and returns an Outcome; it stores nothing outside ``_podcast-doctor/`` and leaves nothing behind.
No library of another room here: what only boto3, SQLAlchemy or PyAV can tell is asked in the rooms that own them.
"""

from .patient import Patient
from .run import CHECKS, examine
from .table import Check, Row, Verdict

__all__ = ["CHECKS", "Check", "Patient", "Row", "Verdict", "examine"]
