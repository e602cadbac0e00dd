"""Pages of the jury."""

from datathon.web.jury import after, autosave, comparing, example, pitching
from datathon.web.jury.views import blueprint

__all__ = ["after", "autosave", "blueprint", "comparing", "example", "pitching"]
