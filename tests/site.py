"""Look at the built site: `python -m tests.site out/site` fails where a page needs another host."""

import re
import sys
from pathlib import Path

# What a browser fetches by itself; links that people follow are no matter.
_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object|link)\b[^>]*?"
    r"\s(?:src|srcset|data|href)\s*=\s*[\"']?\s*((?:https?:)?//[^\"'\s>]*)",
    re.IGNORECASE,
)
_STYLED = re.compile(r"(?:@import|url\()\s*[\"']?\s*((?:https?:)?//[^\"')\s]*)", re.IGNORECASE)
_ASIDE = re.compile(r"<link\b[^>]*\brel=[\"']?(?:canonical|license|search|index|next|prev)", re.I)


def remote(text: str, *, style: bool) -> list[str]:
    """Addresses on other hosts that a page, or a style sheet, loads."""
    if style:
        return _STYLED.findall(text)
    loads = [match for match in _LOADED.finditer(text) if not _ASIDE.match(match[0])]
    return [match[1] for match in loads] + _STYLED.findall(text)


def main(site: Path) -> int:
    """Print what is wrong; the exit status."""
    pages = sorted(site.rglob("*.html"))
    wrong = [
        f"{path.relative_to(site)} loads {address}"
        for path in (*pages, *sorted(site.rglob("*.css")))
        for address in remote(
            path.read_text(encoding="utf-8", errors="replace"), style=path.suffix == ".css"
        )
    ]
    tutorials = sorted(set((site / "tutorials").glob("*.html")) - {site / "tutorials/index.html"})
    for path in tutorials:
        text = path.read_text(encoding="utf-8")
        if "data:image/jpeg" not in text and "<table" not in text:
            wrong.append(f"{path.relative_to(site)} has no outputs")
    if not tutorials:
        wrong.append(f"{site} has no tutorials")
    print("\n".join(wrong) or f"{len(pages)} pages load nothing from elsewhere")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
