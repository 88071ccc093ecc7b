"""Explanations as pictures and charts."""
