"""Pages of accounts: register, sign in, look after one's account, read the demonstration's letters."""

from datathon.web.account import entrance, erasure, home, invited, joining, outbox, passwords, preferences_page
from datathon.web.account.door import blueprint

PAGES = (entrance, erasure, home, invited, joining, outbox, passwords, preferences_page)
"""The modules whose views register themselves on the blueprint."""

__all__ = ["PAGES", "blueprint"]
