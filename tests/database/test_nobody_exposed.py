"""Nobody exposed: what is left of somebody who files anonim or rahasia, in a whole running site.

A reporter with a telling browser files through the form, with photo, name, phone and mail; verifier
and unit work on it, mails are delivered by the worker, and everything the desk can open is read as
every role. Then the site is killed and every byte it wrote is searched.
"""

import io
import re
import time
from collections import deque
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import create_engine, inspect, text

from app.core.vault import Vault
from bench._citizen import Citizen, Page
from bench._desk import hire, sign_in, step
from bench._filing import Receipt, areas_of, blank, send, track
from bench._forms import Upload
from scripts.site import Site
from tests import cast
from tests.databases import Database, quick_folder
from tests.mailbox import Mailbox

pytestmark = [
    pytest.mark.once,
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore:Did not recognize type 'point'"),
]

HIDDEN = ("anonim", "rahasia")
WORKING = ("budi", "rina", "tono")  # verifier, officer and head of the unit that has the cases
MOST_PAGES = 150
DELIVERED_WITHIN = 30

ADDRESS = "203.0.113.77"
BROWSER = {
    "X-Forwarded-For": ADDRESS,
    "User-Agent": "PenandaPeramban/7.31 (PonselPenanda)",
    "Referer": "https://rujukan-penanda.example/halaman?dari=penandarujukan",
}
NAME, EMAIL, PHONE = "Zulpenanda Saritem", "penanda.surat@contoh.id", "0812-9988-7766"
QUERY, FILE, CAMERA = "penandakueri", "penanda-berkas.jpg", "KameraPenanda"
TYPED_PHONE = "081377665544"  # in the words themselves: stored, and masked for others

#: What tells who or where the reporter is.
MARKERS = (
    ADDRESS,
    "PenandaPeramban",
    "PonselPenanda",
    "rujukan-penanda",
    "penandarujukan",
    "Zulpenanda",
    "Saritem",
    EMAIL,
    "penanda.surat",
    PHONE,
    "81299887766",
    QUERY,
    "penanda-berkas",
    CAMERA,
)
#: What everybody who works on it may read; searching must find it.
WORDS = "Kaca-kaca jendela puskesmas pembantu"


@dataclass
class Story:
    """What the run left behind."""

    receipts: dict[str, Receipt] = field(default_factory=dict)
    desk: dict[str, dict[str, str]] = field(default_factory=dict)  # role: address: page
    public: dict[str, str] = field(default_factory=dict)  # address: page
    said: str = ""  # by commands of an operator
    mails: list[EmailMessage] = field(default_factory=list)
    written: dict[str, bytes] = field(default_factory=dict)  # every file, every table
    contacts: list[str] = field(default_factory=list)  # decrypted


@pytest.fixture(scope="module")
def story(databases: Database, post_office: Mailbox) -> Story:
    """The whole run, once for all tests of this file."""
    post_office.clear()
    url = databases.fresh()
    with quick_folder() as folder:
        site = Site(
            Path(folder),
            DATABASE_URL=url,
            SMTP_URL=post_office.url,
            PROXY_HOPS="1",
            RATE_LIMITS="on",
        )
        told = Story()
        try:
            site.start()
            live_through(told, site)
            deliver(told, site, post_office)
            read_everything(told, site)
            site.kill()  # with -9: the write-ahead log stays as it is
            search(told, site, url)
        finally:
            site.stop()
    databases.drop(url)
    return told


# ---------------------------------------------------------------- what happens


def live_through(story: Story, site: Site) -> None:
    """File, ask, answer, dispute, answer again, confirm and rate, for both kinds of hiding."""
    hire(site, "wira", "viewer", "sdabmbk")
    browsers = {who: sign_in(site.port, who, cast.PASSWORD) for who in WORKING}
    budi, rina = browsers["budi"], browsers["rina"]
    for visibility in HIDDEN:
        siti = Citizen(site.port, BROWSER)
        receipt = story.receipts[visibility] = filed(siti, visibility)
        number = receipt.number
        step(budi, number, "ask", words="Di sisi mana bangunan itu, di depan atau di samping?")
        holder(siti, receipt, "jawab", words="Di samping, yang menghadap ke parit.")
        step(budi, number, "assign", unit_code="sdabmbk")
        step(rina, number, "note", words="Catatan untuk rekan di dinas, bukan untuk pelapor.")
        step(rina, number, "start", words="Kami periksa ke tempatnya besok pagi bersama tim.")
        holder(siti, receipt, "balas", words=f"Baik, atau telepon {TYPED_PHONE}.", photo=photo())
        for who, browser in browsers.items():  # while the steps are still open to them
            pages = crawl(browser, ["/petugas", f"/petugas/kasus/{number}"])
            story.desk[f"{who}, {visibility} under way"] = pages
        step(rina, number, "answer", words="Sudah kami ganti kacanya dan kami bersihkan.")
        holder(siti, receipt, "belum-selesai", code="partly", words="Satu jendela masih pecah.")
        step(rina, number, "answer_dispute", words="Jendela yang satu lagi sudah kami ganti.")
        holder(siti, receipt, "selesai")
        holder(siti, receipt, "nilai", rating="4")
        siti.get(f"/lacak/{number}/kronologi").expect()
        siti.get(f"/lacak/{number}/data.json").expect()
        siti.close()


def filed(siti: Citizen, visibility: str) -> Receipt:
    """File a report; the first sending lacks the landmark and comes back with its photo."""
    siti.get(f"/?lang=id&dari={QUERY}").expect()
    siti.get(f"/keluhan?q={QUERY}").expect()
    siti.get(f"/keluhan/baru?kelurahan={QUERY}").expect()
    district, village = areas_of(siti)[0]
    form = blank(siti).fill(
        text=f"{WORDS} pecah semua, anak-anak bisa terluka. Hubungi {TYPED_PHONE}.",
        district=district,
        category="road_damage",
        visibility=visibility,
        name=NAME,
        email=EMAIL,
        phone=PHONE,
    )
    form.set("village", village).attach("photos", photo())
    again = siti.submit(form, "send").expect(422).form(id="laporan")
    again.fill(landmark="Jalan Puskesmas, di samping parit")
    if "kept" not in again.fields:
        again.attach("photos", photo())
    return send(siti, again)


def photo() -> Upload:
    """A photo that tells who took it, and where."""
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = exif[0x013B] = exif[0x9286] = CAMERA  # maker, artist, comment
    Image.new("RGB", (320, 240), (90, 120, 60)).save(made, "JPEG", exif=exif, comment=CAMERA)
    return FILE, made.getvalue(), "image/jpeg"


def holder(
    siti: Citizen, receipt: Receipt, slug: str, photo: Upload | None = None, **given: str
) -> None:
    """Take a step of the reporter, from the page the code opens or from the step's own."""
    address, page = f"/lacak/{receipt.number}/{slug}", track(siti, receipt.code)
    if not any(form.action == address for form in page.forms):
        page = siti.get(address).expect()
    form = page.form(action=address).fill(**given)
    if photo:
        form.attach("photos", photo)
    after = siti.submit(form).expect()
    assert f"langkah={slug}" in after.path, f"{slug}: {after.path} {after.complaint}"


def deliver(story: Story, site: Site, mailbox: Mailbox) -> None:
    """Start the worker, whose first round comes at once, and wait until nothing is left to send."""
    site.stop()
    site.commands.append(["flask", "worker"])
    site.start()
    deadline = time.monotonic() + DELIVERED_WITHIN
    while waiting(site) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not waiting(site), "mails were not delivered"
    story.mails = list(mailbox.mails)


def waiting(site: Site) -> int:
    """Mails not sent yet."""
    engine = create_engine(site.environ["DATABASE_URL"])
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM outbox WHERE sent_at IS NULL"))
        number = int(found.scalar_one())
    engine.dispose()
    return number


# ---------------------------------------------------------------- reading it as everybody


def read_everything(story: Story, site: Site) -> None:
    """Open every page of the desk as every role, the public pages as a visitor."""
    numbers = [receipt.number for receipt in story.receipts.values()]
    cases = [f"/petugas/kasus/{number}" for number in numbers]
    for who in (*WORKING, "dewi", "ayu"):
        story.desk[who] = crawl(sign_in(site.port, who, cast.PASSWORD), ["/petugas", *cases])
    story.desk["wira"] = crawl(sign_in(site.port, "wira"), ["/petugas", *cases])
    for who in ("budi", "rina"):  # to look who it was, in spite of everything
        officer = sign_in(site.port, who, cast.PASSWORD)
        for number in numbers:
            refused = reveal(officer, number)
            story.desk[who][f"reveal {number}"] = refused.text
            assert refused.status in {403, 409}, f"{who} may reveal {number}"
    pages = ["/", "/keluhan", f"/keluhan?q={WORDS.split()[0]}", "/keluhan/peta.json"]
    story.public = crawl(
        Citizen(site.port), [*pages, *(f"/keluhan/{number}" for number in numbers)], "/keluhan"
    )
    for number in numbers:
        story.said += site.flask("audit", "proof", number)
    story.said += site.flask("audit", "verify") + site.flask("staff", "list")


def reveal(officer: Citizen, number: str) -> Page:
    """Send what the button would send that is not there."""
    page = officer.get(f"/petugas/kasus/{number}").expect()
    form = page.form(field="version")
    form.action, form.multipart = f"/petugas/kasus/{number}/reveal", False
    return officer.submit(form)


def crawl(reader: Citizen, start: list[str], inside: str = "/petugas") -> dict[str, str]:
    """Every page that links lead to from these, by address; what is refused as well."""
    found: dict[str, str] = {}
    queue = deque(start)
    while queue and len(found) < MOST_PAGES:
        address = queue.popleft()
        if address in found:
            continue
        page = reader.get(address)
        if page.headers.get_content_maintype() == "image":
            continue
        found[address] = f"{page.headers}\n{unescape(page.text)}"
        links = map(unescape, re.findall(r'href="(/[^"#]*)', page.text))
        queue += [link for link in links if link.startswith(inside) and link not in found]
    reader.close()
    return found


# ---------------------------------------------------------------- searching what was written


def search(story: Story, site: Site, url: str) -> None:
    """Read every file of the site and its database, as it lies on disk and as rows."""
    files = [path for path in site.folder.rglob("*") if path.is_file()]
    if url.startswith("sqlite"):
        database = Path(url.removeprefix("sqlite:///"))
        files += database.parent.glob(f"{database.name}*")
    story.written = {str(path): path.read_bytes() for path in files}
    keys = (site.folder / "data_keys.txt").read_text().split()
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            story.written[f"table {table}"] = "\n".join(map(repr, rows)).encode()
        held = connection.execute(text("SELECT name, phone, email FROM contact")).all()
    engine.dispose()
    story.contacts = [Vault(keys).decrypt(secret) for row in held for secret in row if secret]


def letters(mail: EmailMessage) -> str:
    """All a reader of a mail can see, and its headers."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    headers = [f"{name}: {value}" for name, value in mail.items()]
    return unescape("\n".join([*headers, *parts]))


def found_in(page: str, markers: tuple[str, ...] = MARKERS) -> list[str]:
    return [marker for marker in markers if marker.lower() in page.lower()]


# ---------------------------------------------------------------- what must hold


def test_the_run_was_what_it_should_be(story: Story) -> None:
    """Without this, finding nothing would say nothing."""
    assert len(story.receipts) == len(HIDDEN)
    assert sorted(story.contacts) == sorted(["+6281299887766", EMAIL] * 2)
    assert any(WORDS.encode() in content for content in story.written.values())
    assert any(name.startswith("table hits") or "limits.sqlite" in name for name in story.written)
    for who in WORKING:
        pages = story.desk[who]
        for receipt in story.receipts.values():
            assert WORDS in pages[f"/petugas/kasus/{receipt.number}"], who
    assert [mail for mail in story.mails if EMAIL in str(mail["To"])]
    assert [mail for mail in story.mails if "rina@" in str(mail["To"]) or "tono@" in mail["To"]]


def test_nothing_on_disk_tells_who_filed(story: Story) -> None:
    """claims: no_ip_for_hidden. Database, write-ahead log, limiter, logs, outbox, photos, keys."""
    assert len(story.written) > 20
    told = {
        name: [m for m in MARKERS if m.encode().lower() in content.lower()]
        for name, content in story.written.items()
    }
    assert {name: markers for name, markers in told.items() if markers} == {}


def test_nobody_at_the_desk_reads_who_it_was(story: Story) -> None:
    """claims: anonim_nobody_sees. Every desk page, command and mail, as every role.

    Of a rahasia report those who work on it read the words as they were written.
    """
    rahasia = story.receipts["rahasia"].number
    for who, pages in story.desk.items():
        assert len(pages) > 3, who
        for address, page in pages.items():
            words_too = who.startswith(WORKING) and rahasia in address
            markers = MARKERS if words_too else (*MARKERS, TYPED_PHONE)
            assert not found_in(page, markers), f"{who} at {address}"
    assert not found_in(story.said)
    for mail in story.mails:
        if EMAIL not in str(mail["To"]):
            assert not found_in(letters(mail), (*MARKERS, TYPED_PHONE)), mail["Subject"]


def test_the_reporter_s_own_mail_tells_others_nothing(story: Story) -> None:
    """No code, name, phone or typed number in it; the address only where the mail goes."""
    own = [mail for mail in story.mails if EMAIL in str(mail["To"])]
    codes = tuple(receipt.code for receipt in story.receipts.values())
    plain = tuple(code.replace("-", "") for code in codes)
    for mail in own:
        seen = letters(mail).replace(EMAIL, "")
        assert not found_in(seen, (*MARKERS, *codes, *plain, TYPED_PHONE)), mail["Subject"]


def test_the_public_reads_neither_who_nor_what_is_hidden(story: Story) -> None:
    anonim, rahasia = (story.receipts[visibility].number for visibility in HIDDEN)
    for address, page in story.public.items():
        assert not found_in(page, (*MARKERS, TYPED_PHONE)), address
    assert WORDS in story.public[f"/keluhan/{anonim}"]
    assert WORDS not in story.public[f"/keluhan/{rahasia}"]


def test_a_reader_is_given_no_cookie(story: Story) -> None:
    """claims: no_tracking. Only forms set one, for their own safety."""
    for address, page in story.public.items():
        for name in re.findall(r"^Set-Cookie: (\w+)=", page, re.MULTILINE | re.IGNORECASE):
            assert name == "sesi", address
            assert "csrf_token" in page, address
