"""Pages of participants: their team, their submissions, their prototype."""

from datathon.web.participant import jury_page, prototype, result_page, submission, submit, teams
from datathon.web.participant.door import blueprint

PAGES = (jury_page, prototype, result_page, submission, submit, teams)
"""The modules whose views register themselves on the blueprint."""

__all__ = ["PAGES", "blueprint"]
