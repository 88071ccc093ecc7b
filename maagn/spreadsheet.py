"""Texts in files that spreadsheets open: none of them is run as a formula."""

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> object:
    """A value as it may be written to CSV; a text that would be a formula gets an apostrophe.

    Numbers are left as they are, also those in a text: `-0.5`.
    """
    if isinstance(value, str) and value.startswith(_BEGINNINGS) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
