"""Teach networks classes of one's own: heads on frozen features, with figures of left-out clips."""
