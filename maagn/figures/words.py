"""Numbers in words that people read, the same in pictures and on pages."""


def percent(probability: float) -> str:
    """A probability as people read it, with two or three digits; never a false 0 or 100."""
    if probability < 0.001:
        return "under 0.1 %"
    if probability > 0.9994:
        return "over 99.9 %"
    digits = 1 if probability < 0.0995 or probability > 0.9949 else 0
    return f"{100 * probability:.{digits}f} %"
