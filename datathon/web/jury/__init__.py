"""Pages of the jury."""

from datathon.web.jury import autosave
from datathon.web.jury.views import blueprint

__all__ = ["autosave", "blueprint"]
