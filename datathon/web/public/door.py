"""The visitors' blueprint; its pages register themselves on it."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)
