"""The address that somebody came with, kept in their browser while they log in."""

from app.wayback.component import go_back, keep

__all__ = ["go_back", "keep"]
