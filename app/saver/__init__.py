"""Small buttons beneath what is drawn: its picture and its numbers as files."""

from app.saver.component import show_saver

__all__ = ["show_saver"]
