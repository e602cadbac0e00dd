"""The style page: every component in every state, for those who set an edition's colours or write pages."""

from flask import render_template

from datathon.web.guards import anyone, guarded
from datathon.web.public.door import blueprint


@blueprint.get("/style")
@guarded(anyone)
def style() -> str:
    """Show the components in the scheme of the reader, then in the colours of another edition."""
    return render_template("public/style.html")
