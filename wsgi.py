"""WSGI entry: ``gunicorn wsgi:app`` with the settings of the environment."""

from datathon.config import load_settings
from datathon.web.app import create_app

app = create_app(load_settings())
