"""Language, colours and density, for everybody."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from datathon.web import preferences
from datathon.web.account.door import blueprint
from datathon.web.account.onward import wanted_path
from datathon.web.guards import anyone, guarded
from datathon.web.show import language


@blueprint.get("/preferences")
@guarded(anyone)
def preferences_page() -> str:
    """Show the preferences."""
    return render_template(
        "account/preferences.html",
        language_now=language(),
        scheme_now=preferences.chosen("scheme"),
        density_now=preferences.chosen("density"),
        next=wanted_path(),
    )


@blueprint.post("/preferences")
@guarded(anyone)
def save_preferences() -> Response:
    """Keep the preferences for this session and go back."""
    for name in preferences.CHOICES:
        preferences.keep(name, request.form.get(name))
    return redirect(wanted_path() or url_for("account.preferences_page"), 303)
