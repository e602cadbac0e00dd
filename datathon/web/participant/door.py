"""The participant's blueprint; its pages register themselves on it."""

from flask import Blueprint

blueprint = Blueprint("participant", __name__)
