"""Provisional boards and the merge of metrics and marks."""
