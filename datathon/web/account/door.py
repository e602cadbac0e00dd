"""The blueprint of accounts; its pages register themselves on it."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)
