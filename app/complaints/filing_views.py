"""Filing a report: the form, its steps without script, the receipt, and "Saya juga".

The form's page is drawn from what was sent and nothing else, so that every answer keeps what was
typed. Slow work comes first: photos are drawn anew before the first query.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import jsonify, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from app.cases import queries as case_queries
from app.cases.deadlines import days_late
from app.cases.holding import held_case
from app.cases.kinds import kind_of
from app.cases.lifecycle import NotAllowed
from app.cases.links import the_links
from app.cases.models import Case
from app.cases.showing import clock_view, title_of
from app.civic.codes import is_form_key
from app.civic.identity import mask_email
from app.civic.promises import local_date
from app.complaints import actions, asking, filing, queries
from app.complaints.device import support_key
from app.complaints.filing import Lookalike, Preview
from app.complaints.forms import FollowForm, ReportForm, empty_trap
from app.complaints.views import complaints
from app.core.access import PRIVATE, public
from app.core.clock import now
from app.core.database import transaction
from app.core.drafts import drafts
from app.core.forms import csrf_in_form
from app.core.i18n import _, date_long, language, tr
from app.core.limits import limits, network_key, waiting
from app.core.pages import no_store, please_wait
from app.core.photos import PhotoError, read_photos
from app.core.promise_view import ClockView, Promise, clock_of
from app.core.qr import qr_svg
from app.core.running import the_settings, the_vault
from app.core.sealed_cookie import SealedCookie
from app.core.sent_photos import SentPhotos
from app.extensions import db
from app.places.city import current_city
from app.places.facts import City

__all__ = ["complaints"]

AREAS_SECONDS: Final = 3600
SUPPORTS_PER_HOUR: Final = 20
WITHOUT_CHECK: Final = frozenset({"areas", "suggest", "unpin"})

_receipt_cookie = SealedCookie("tanda_terima", "tanda_terima", timedelta(days=1), parts=2)


# ---------------------------------------------------------------- the form


def _receive_photos(form: ReportForm, *, draw: bool) -> SentPhotos:
    """What came with a form; a form that is not to be believed has none drawn."""
    tokens = request.form.getlist("kept")
    photos = SentPhotos(kept=drafts().still_kept(tokens, form.key)[: form.city.limits.photos_max])
    if len(photos.kept) < len(set(tokens)):
        photos.errors.append(PhotoError("gone"))
    uploads = request.files.getlist("photos")
    if not draw:
        photos.lost = any(upload.filename for upload in uploads)
        return photos
    photos.new, errors = read_photos(uploads, form.city.limits, len(photos.kept))
    photos.errors += errors
    return photos


def _keep(photos: SentPhotos, form: ReportForm) -> None:
    """Keep them for the next sending of the form, or, of a hidden report, leave nothing."""
    photos.keep(form.key, secret=form.hidden or not is_form_key(form.key))


@complaints.route("/baru", methods=["GET", "POST"])
@public
@csrf_in_form
def new() -> Response:
    """The report form, and every step of it.

    The browser may keep an open form, so that "back" finds the same one with the same key, and
    sending it again shows the same receipt. One about an office is kept nowhere.
    """
    city = current_city()
    today = local_date(now(), city.zone)
    if request.method == "GET":
        form = ReportForm(city, today)
        text, wanted = _about_held_case(city)
        form.begin_with({**wanted, **request.args})
        form.text.data = text
        if form.hidden:
            no_store()
        return _page(form)
    form = ReportForm(city, today, request.form)
    if request.form.get("do") in WITHOUT_CHECK:
        return _step(form)
    return _check_or_send(form)


def _about_held_case(city: City) -> tuple[str, dict[str, str]]:
    """What a report about a late request begins with: whoever holds that request asks for it."""
    number = request.args.get("tentang", "")
    case = held_case(db.session(), number) if number else None
    if case is None or case.unit_code is None or case.visibility != PRIVATE:
        return "", {}
    lifecycle, today = kind_of(case).lifecycle, local_date(now(), city.zone)
    if case.due_on is None or not days_late(case, lifecycle.city_clock, city, today):
        return "", {}
    text = _(
        "%(what)s di %(unit)s belum selesai. Batas waktunya %(due)s sudah lewat.",
        what=str(kind_of(case).names.numbered) % {"number": case.number},
        unit=tr(city.unit(case.unit_code).name),
        due=date_long(case.due_on),
    )
    subjects = (c.slug for c in city.categories if c.unit_code == case.unit_code)
    return text, {"category": next(subjects, ""), "kelurahan": case.village_code or ""}


def _step(form: ReportForm) -> Response:
    """A step of the form without script: nothing is checked, everything is kept."""
    genuine = form.came_from_here()
    if request.form["do"] == "unpin":
        form.latitude.data = form.longitude.data = ""
    form.settle()
    photos = _receive_photos(form, draw=genuine and not form.hidden)
    _keep(photos, form)
    return _page(form, photos, status=200 if genuine else 422)


def _check_or_send(form: ReportForm) -> Response:
    valid, sending = form.validate(), request.form.get("do") == "send"
    if form.website.data:
        return _refuse_program(form)
    if valid and sending and (seconds := _seconds_to_wait()):
        return _receipt_again(form) or _wait(form, seconds)
    photos = _receive_photos(form, draw=form.genuine and (valid or not form.hidden))
    if not valid or photos.errors:
        return (sending and _receipt_again(form)) or _correct(form, photos)
    if review := _review(form, sending=sending):
        if sending and (receipt_ := _receipt_again(form)):
            return receipt_
        _keep(photos, form)
        return _page(form, photos, review=review)
    return _send(form, photos)


def _receipt_again(form: ReportForm) -> Response | None:
    """The receipt of the report an earlier copy of this form made, whatever has become of it since.

    "Back" may bring the form with some of its fields empty.
    """
    if not form.genuine:
        return None
    with transaction("read"):
        earlier = case_queries.by_form_key(db.session(), the_vault(), form.key)
        db.session.rollback()  # the writing begins anew
    return _to_receipt(earlier, form.key, again=True) if earlier else None


def _correct(form: ReportForm, photos: SentPhotos) -> Response:
    form.suggest_district()
    _keep(photos, form)
    return _page(form, photos, status=422)


def _refuse_program(form: ReportForm) -> Response:
    empty_trap(form, _("Laporan belum terkirim."))
    return _page(form, _receive_photos(form, draw=False), status=403)


# ---------------------------------------------------------------- too many from one network


def _seconds_to_wait() -> int:
    return limits().wait("report", the_settings().reports_per_hour, network_key(now()))


def _wait(form: ReportForm, seconds: int) -> Response:
    """Past the limit one waits, with everything that was typed."""
    form.form_errors += [
        _(
            "Terlalu banyak laporan dari jaringan ini dalam satu jam. Kirim lagi setelah %(wait)s."
            " Tulisan Anda tetap ada di halaman ini.",
            wait=waiting(seconds),
        ),
        _(
            "Anda memakai WiFi bersama, misalnya di warung atau kantor? Pindah ke data seluler lalu"
            " kirim lagi."
        ),
        _(
            "Mendesak? Telepon %(phone_emergency)s untuk bahaya, atau datang ke kantor kelurahan.",
            phone_emergency=form.city.contacts.phone_emergency,
        ),
    ]
    return please_wait(_page(form, _receive_photos(form, draw=False), status=429), seconds)


# ---------------------------------------------------------------- looking once more


@dataclass(frozen=True)
class Review:
    """What is read before a valid form is sent; without a preview it holds the sending up once."""

    similar: list[Lookalike]
    preview: Preview | None


def _seen() -> set[str]:
    """What earlier pages of this form have shown already."""
    return set(request.form.getlist("seen")) & {*filing.TOPICS, filing.SIMILAR}


def _review(form: ReportForm, *, sending: bool) -> Review | None:
    """The preview; or, when sending, what is alike and advice, if there is any not yet shown."""
    similar: list[Lookalike] = []
    if not sending or filing.SIMILAR not in _seen():
        with transaction("read"):
            similar = filing.lookalikes(db.session(), form, now())
            db.session.rollback()  # the writing begins anew
    if not sending:
        return Review(similar, filing.preview_of(form))
    unread = not _seen().issuperset(filing.advice_on(form.opening, form.chosen).topics)
    return Review(similar, None) if similar or unread else None


def _suggested(form: ReportForm) -> tuple[str, ...]:
    if request.method == "GET" or not form.words:
        return ()
    with transaction("read"):
        found = queries.suggest(db.session(), form.city, form.opening, form.today)
        db.session.rollback()
    return found


@complaints.post("/baru/saran")
@public
def advise() -> Response:
    """What the form's script asks while somebody writes: subjects to choose from, and advice.

    The text comes in the body, never in an address, and nothing of it is kept.
    """
    city = current_city()
    form = ReportForm(city, local_date(now(), city.zone), request.form)
    form.offer()
    advice = filing.advice_on(form.opening, form.chosen)
    subjects = filing.subjects_of(form, _suggested(form))
    return jsonify(
        suggested=[
            {"slug": c.slug, "hint": tr(c.hint), "icon": c.icon} for c in subjects.suggested
        ],
        advice=render_template(
            "complaints/advice.html",
            form=form,
            advice=advice,
            topics=[topic for topic in advice.topics if topic not in _seen()],
        ),
    )


@complaints.get("/wilayah.json")
@public
def areas() -> Response:
    """The kecamatan, their centres and kelurahan, for the script of the form."""
    response = jsonify(filing.areas_of(current_city()))
    response.headers["Cache-Control"] = f"public, max-age={AREAS_SECONDS}"
    response.add_etag()
    return response.make_conditional(request)


# ---------------------------------------------------------------- drawing the page


def _page(
    form: ReportForm,
    photos: SentPhotos | None = None,
    *,
    status: int = 200,
    review: Review | None = None,
) -> Response:
    photos = SentPhotos() if photos is None else photos
    form.offer()
    form.photos.errors = [error.message for error in photos.errors]
    advice, seen = filing.advice_on(form.opening, form.chosen), _seen()
    body = render_template(
        "complaints/new.html",
        form=form,
        photos=photos,
        review=review,
        advice=advice,
        topics=[t for t in advice.topics if t not in seen or t == filing.OFFICE],
        seen=sorted({*seen, *advice.topics, *([filing.SIMILAR] if review else [])}),
        subjects=filing.subjects_of(form, _suggested(form)),
        clock=_clock(form),
        settings=the_settings(),
    )
    return make_response(body, status)


def _clock(form: ReportForm) -> ClockView:
    verify_by = form.city.calendar.add(form.today, form.city.promises.verify_days)
    return clock_of(
        Promise("submitted", form.today, due=verify_by, start=form.today),
        form.city.calendar,
        holder=_("Verifikator kota"),
        before=_("Bila dikirim sekarang"),
    )


# ---------------------------------------------------------------- sending, and the receipt


def _send(form: ReportForm, photos: SentPhotos) -> Response:
    """Store the report, or find the one an earlier copy of this form made."""
    form_key, instant = form.key, now()
    try:
        stored = photos.stored(form_key)
    except PhotoError as error:
        photos.kept, photos.errors = [], [error]
        return _correct(form, photos)
    case = actions.file(db.session(), the_vault(), form.city, form.draft, form_key, stored, instant)
    if filed := case.created_at == instant:
        limits().count("report", the_settings().reports_per_hour, network_key(instant))
    return _to_receipt(case, form_key, again=not filed)


def _to_receipt(case: Case, form_key: str, *, again: bool) -> Response:
    """To the receipt. Its cookie goes to this one page only, within a day of the filing."""
    address = url_for("complaints.receipt", number=case.number)
    response = redirect(address, 303)
    if now() - case.created_at > _receipt_cookie.lifetime:
        return response
    return _receipt_cookie.put(response, form_key, again, path=address)


@complaints.get("/<number>/tanda-terima")
@public
def receipt(number: str) -> Response | tuple[str, int]:
    """The receipt, for the browser that filed the report, for a day."""
    no_store()
    form_key, again = _receipt_cookie.read() or ("", False)
    case = case_queries.by_number(db.session(), number) if form_key else None
    code = queries.code_on_receipt(the_vault(), case, form_key) if case else None
    if case is None or code is None or case.erased_at:
        return render_template("complaints/no_receipt.html"), 403
    city = current_city()
    email = case.contact.email if case.contact else None
    body = render_template(
        "complaints/receipt.html",
        receipt=filing.receipt_of(case, code, city, now()),
        again=again,
        title=title_of(case, city),
        email=mask_email(the_vault().decrypt(email)) if email else "",
        public_url=the_links().to("report", number=case.number),
        track_url=f"{the_settings().public_url}/lacak",
        qr=_qr(f"{the_settings().public_url}/lacak"),
    )
    return make_response(body)


def _qr(address: str) -> Markup:
    words = _("Kode QR ke halaman lacak. Kode lacak tidak ada di dalam gambar.")
    return qr_svg(address, words)


# ---------------------------------------------------------------- "Saya juga"


def public_case(number: str, *, lock: bool = False) -> Case:
    """The complaint of this number, if its page tells of it. Raises NotFound."""
    case = case_queries.by_number(db.session(), number, lock=lock)
    if case is None or case.kind != "complaint" or case.visibility == "rahasia":
        raise NotFound
    return case


@complaints.route("/<number>/saya-juga", methods=["GET", "POST"])
@public
def support(number: str) -> Response:
    """Count one more person with the same problem, or take one's own support back."""
    no_store()
    if request.method == "GET":
        return _supported(public_case(number))
    case, instant = public_case(number, lock=True), now()
    if request.form.get("do") == "undo":
        actions.take_back(db.session(), case, support_key(case))
        return redirect(url_for("complaints.support", number=case.number), 303)
    if request.form.get("do") == "follow":
        return _follow(case)
    if seconds := limits().wait("support", SUPPORTS_PER_HOUR, network_key(instant)):
        return _support_later(case, seconds)
    try:
        added = actions.support(db.session(), current_city(), case, support_key(case), instant)
    except NotAllowed:
        return _supported(case, status=409)
    if added:
        limits().count("support", SUPPORTS_PER_HOUR, network_key(instant))
    again = None if added else "1"
    return redirect(url_for("complaints.support", number=case.number, lagi=again), 303)


def _support_later(case: Case, seconds: int) -> Response:
    return please_wait(_supported(case, status=429, wait=waiting(seconds)), seconds)


def _follow(case: Case) -> Response:
    """Send news of a supported report by mail, once the address says that it wants them."""
    if seconds := asking.network_wait():
        return _support_later(case, seconds)
    form = FollowForm()
    if not form.validate():
        return _supported(case, status=422, form=form)
    email = form.email.data or ""
    if seconds := asking.address_wait(email):
        form.email.errors = [asking.asked_enough(seconds)]
        return please_wait(_supported(case, status=429, form=form), seconds)
    asking.asked(email)
    actions.follow(
        db.session(),
        the_vault(),
        case,
        support_key(case),
        email,
        language(),
        now(),
    )
    return redirect(url_for("complaints.support", number=case.number, kabar="1"), 303)


def _supported(
    case: Case, *, status: int = 200, wait: str = "", form: FollowForm | None = None
) -> Response:
    city = current_city()
    place = queries.place_in_line(db.session(), case, support_key(case))
    heading, *lines = _words_of_support(case, city, place, wait, closed=status == 409)
    body = render_template(
        "complaints/supported.html",
        case=case,
        title=title_of(case, city),
        heading=heading,
        lines=lines,
        place=place,
        form=form or FollowForm(),
        clock=clock_view(case, city, now()),
    )
    return make_response(body, status)


def _words_of_support(
    case: Case, city: City, place: int | None, wait: str, *, closed: bool
) -> Iterator[str]:
    """The heading and the lines below it."""
    if wait:
        yield _("Tunggu sebentar")
        yield _("Terlalu banyak dukungan dari jaringan ini. Coba lagi setelah %(wait)s.", wait=wait)
    elif closed:
        yield _("Laporan ini sudah ditutup")
        yield _("Kalau masalahnya masih ada atau muncul lagi, buat laporan baru.")
    elif place is None:
        yield _("Dukungan Anda dibatalkan.")
    else:
        yield _("Tercatat. Anda orang ke-%(n)s.", n=place)
        if "kabar" in request.args:
            yield _("Kami mengirim satu email. Buka tautan di dalamnya untuk mulai menerima kabar.")
        if "lagi" in request.args:
            yield _(
                "Anda sudah menekan “Saya juga” di laporan ini dari perangkat ini. Hitungannya"
                " tidak bertambah."
            )
        yield _no_new_report(case, city)


def _no_new_report(case: Case, city: City) -> str:
    holder = tr(city.unit(case.unit_code).name) if case.unit_code else _("Verifikator kota")
    if case.due_on is None:
        return _("Anda tidak perlu menulis laporan baru.")
    return _(
        "Anda tidak perlu menulis laporan baru. Laporan ini di tangan %(unit)s, %(due_date)s.",
        unit=holder,
        due_date=_("paling lambat %(due_date)s", due_date=date_long(case.due_on)),
    )
