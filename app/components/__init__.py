"""Streamlit components of our own: a folder each, with its JavaScript and its Python face."""
