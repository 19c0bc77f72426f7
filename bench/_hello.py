"""A bare Flask: what every page is compared with, under the same gunicorn settings."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
@app.get("/healthz")
def hello() -> str:
    """The least a page can be."""
    return "hello"
