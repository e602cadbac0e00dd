"""Pages of the organisers."""

from datathon.web.organiser import deciding, rescoring
from datathon.web.organiser.views import blueprint

__all__ = ["blueprint", "deciding", "rescoring"]
