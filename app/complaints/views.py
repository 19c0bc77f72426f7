"""/keluhan: file a complaint, see and search the public ones."""

from flask import Blueprint

complaints = Blueprint("complaints", __name__, url_prefix="/keluhan")
