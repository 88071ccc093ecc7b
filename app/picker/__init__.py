"""The gallery's thumbnails, two opposites a row, as a Streamlit component."""

from app.picker.component import show_picker

__all__ = ["show_picker"]
