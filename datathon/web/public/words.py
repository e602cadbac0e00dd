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
        "mse": _("mean squared error (MSE)"),
        "mcrmse": _("mean of the columns’ RMSE (MCRMSE)"),
        "rmsle": _("root mean squared logarithmic error (RMSLE)"),
        "mape": _("mean absolute percentage error (MAPE)"),
        "smape": _("symmetric mean absolute percentage error (sMAPE)"),
        "log_mae": _("logarithm of the mean absolute error"),
        "r2": _("share of variance explained (R²)"),
        "log_loss": _("logarithmic loss (log loss)"),
        "brier": _("Brier score"),
        "pearson": _("Pearson’s correlation"),
        "spearman": _("Spearman’s rank correlation"),
        "balanced_accuracy": _("mean share of right answers by class (balanced accuracy)"),
        "f1": _("F1 of the positive class"),
        "fbeta": _("Fβ of the positive class"),
        "f1_macro": _("mean F1 of the classes (macro F1)"),
        "f1_micro": _("F1 of all decisions (micro F1)"),
        "quadratic_kappa": _("Cohen’s kappa, quadratic weights"),
        "mcc": _("Matthews correlation coefficient (MCC)"),
        "roc_auc_macro": _("mean of the columns’ ROC AUC"),
        "average_precision": _("average precision (AP)"),
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
