"""/petugas: the queue and the case page of the people who answer."""

from flask import Blueprint

desk = Blueprint("desk", __name__, url_prefix="/petugas")
