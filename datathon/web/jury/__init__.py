"""Pages of the jury."""

from datathon.web.jury.views import blueprint

__all__ = ["blueprint"]
