"""The address that somebody came with, kept in their browser while they log in."""

from app.wayback.component import forget, go_back, keep

__all__ = ["forget", "go_back", "keep"]
