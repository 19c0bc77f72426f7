"""A form sent many times at once is one report with one receipt, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.cases.models import Attachment, Case, Event
from app.civic.codes import new_form_key
from app.complaints.models import Complaint
from tests.conftest import Block
from tests.pages import Client
from tests.reports import filled, photo

THREADS = 6


def send_at_once(app: Flask, client: Client, forms: list[dict[str, Any]]) -> list[str]:
    """Where each of the answers leads."""
    cookie = client.http.get_cookie("sesi")
    assert cookie is not None
    start = Barrier(len(forms))

    def send(data: dict[str, Any]) -> str:
        browser = app.test_client()
        browser.set_cookie("sesi", cookie.value)
        data = data | {"photos": (BytesIO(photo()), "jalan.jpg")}
        start.wait(20)
        answer = browser.post("/keluhan/baru", data=data, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
        return answer.headers["Location"]

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, forms))


def form_data(client: Client) -> dict[str, Any]:
    form = filled(client)
    return dict(form.values) | {"do": "send", "seen": "similar"}


def count(read: Block, thing: type) -> int:
    with read() as session:
        return session.scalar(select(func.count()).select_from(thing)) or 0


def test_the_same_form_at_once_is_one_report(app, client, read):
    data = form_data(client)
    addresses = send_at_once(app, client, [data] * THREADS)
    assert len(set(addresses)) == 1
    assert [count(read, thing) for thing in (Case, Complaint, Event, Attachment)] == [1, 1, 1, 1]


def test_different_forms_at_once_are_as_many_reports(app, client, read):
    data = form_data(client)
    forms = [data | {"form_key": new_form_key()} for _ in range(THREADS)]
    addresses = send_at_once(app, client, forms)
    assert len(set(addresses)) == THREADS
    assert count(read, Case) == THREADS
    with read() as session:
        assert len(set(session.scalars(select(Case.code_hash)))) == THREADS
