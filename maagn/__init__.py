"""How a video network tells opposite actions apart: MAAGN, its baselines, and their explanation."""
