"""Brakes on what could be tried a thousand times: signing in, registering."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address)
