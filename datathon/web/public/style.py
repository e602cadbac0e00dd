"""The style pages: every component in every state, for those who set an edition's colours or write pages."""

from flask import abort, render_template

from datathon.web.guards import anyone, guarded
from datathon.web.public import style_examples as made_up
from datathon.web.public.door import blueprint


@blueprint.get("/style")
@guarded(anyone)
def style() -> str:
    """Show colours, lettering, buttons and notices in both schemes, then in the colours of another edition."""
    return render_template("public/style.html")


@blueprint.get("/style/<page>")
@guarded(anyone)
def style_of(page: str) -> str:
    """Show one family of components: tables, forms or charts."""
    if page == "tables":
        return render_template(
            "public/style_tables.html",
            rows=made_up.ROWS,
            certainty=made_up.CERTAINTY,
            dates=made_up.dates(),
        )
    if page == "forms":
        return render_template("public/style_forms.html", criteria=made_up.criteria())
    if page != "charts":
        abort(404)
    return render_template(
        "public/style_charts.html", moved=made_up.moved(), phases=made_up.phases(), map=made_up.TOWNS
    )
