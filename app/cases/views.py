"""/lacak: the holder of a tracking code follows and answers the case."""

from flask import Blueprint

cases = Blueprint("cases", __name__)
