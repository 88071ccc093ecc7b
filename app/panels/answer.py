"""The answer to a question: progress while it is worked out, then the player and the facts."""

from app import exhibit
from app.answer import Answer
from app.panels import facts
from app.panels.stage import player_view
from app.selection import Selection


def show(answer: Answer, selection: Selection) -> None:
    """Draw what the networks say, then the clip with their maps, masks and gates."""
    facts.show(answer.reports, truth=answer.question.clip.label)
    exhibit.player(player_view(answer, moment=selection.moment), key="player")
