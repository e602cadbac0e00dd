"""Pages of the organisers."""

from datathon.web.organiser import rescoring
from datathon.web.organiser.views import blueprint

__all__ = ["blueprint", "rescoring"]
