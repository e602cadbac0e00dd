"""Names of metrics and column types in the page's language."""

from flask_babel import gettext as _

from datathon.web.public.door import blueprint


@blueprint.app_template_filter("metric_name")
def metric_name(name: str) -> str:
    """Return what a metric is called; a metric of the organisers keeps its own name."""
    names = {
        "mae": _("mean absolute error (MAE)"),
        "weighted_mae": _("weighted mean absolute error"),
        "rmse": _("root mean squared error (RMSE)"),
        "accuracy": _("share of right answers (accuracy)"),
        "roc_auc": _("area under the ROC curve (ROC AUC)"),
        "lrap": _("label ranking average precision (LRAP)"),
    }
    found = names.get(name, name)
    return found[:1].upper() + found[1:]


@blueprint.app_template_filter("column_type")
def column_type(name: str) -> str:
    """Return what a type of column is called."""
    names = {
        "number": _("number"),
        "integer": _("whole number"),
        "string": _("text"),
        "category": _("one of a list"),
    }
    return names.get(name, name)
