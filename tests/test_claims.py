"""What the site's words promise, and the tests that fail when a promise is broken.

A text may promise only what stands here. The list is checked: every test named exists.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

CLAIMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "anonim_nobody_sees": (
        "With anonim no officer and no unit sees name or contact.",
        (
            "database/test_nobody_exposed.py::test_nobody_at_the_desk_reads_who_it_was",
            "web/test_public_page.py::test_before_the_check_nothing_of_the_reporter_shows",
        ),
    ),
    "rahasia_readers": (
        "A rahasia text is read only by verifiers and the assigned unit.",
        (
            "web/test_desk_case.py::test_a_viewer_learns_nothing_of_a_rahasia_report",
            "web/test_desk_case.py::test_those_who_work_on_it_read_a_rahasia_report",
            "database/test_publicity.py::test_a_rahasia_report_never_shows_words",
            "web/test_holder_page.py::test_a_rahasia_report_shows_no_subject_at_a_glance",
        ),
    ),
    "text_after_check": (
        "Text and photos appear in public only after a verifier has looked.",
        (
            "web/test_public_page.py::test_before_the_check_it_shows_subject_place_date_and_state",
            "web/test_filing_similar.py::test_its_text_is_not_shown_before_a_verifier_has_seen_it",
            "database/test_publicity.py::test_time_alone_publishes_nothing",
            "unit/test_lifecycle.py::test_only_moves_of_a_verifier_publish",
        ),
    ),
    "photo_no_location": (
        "Hidden location and camera data are removed from photos.",
        ("unit/test_photos.py::test_no_metadata_survives", "unit/test_photos.py::test_any_exif"),
    ),
    "no_ip_for_hidden": (
        "For anonim and rahasia neither network address nor browser name is stored.",
        (
            "database/test_nobody_exposed.py::test_nothing_on_disk_tells_who_filed",
            "unit/test_operating.py::test_the_proxy_samples_write_nothing_that_traces_a_filer",
            "web/test_tracking.py::test_logs_hold_no_number_code_or_token",
        ),
    ),
    "calendar_shows_what_was_announced": (
        "Of an accepted request a calendar shows the answers the form named, and no other.",
        (
            "web/test_visits.py::test_nothing_of_a_person_stands_in_calendar_or_feed",
            "web/test_visits.py::test_only_what_the_form_announced_is_shown",
            "unit/test_services.py::test_a_calendar_shows_nothing_of_a_person",
        ),
    ),
    "one_report_per_click": (
        "Pressing send twice makes one report.",
        (
            "database/test_filing_once.py::test_the_same_form_at_once_is_one_report",
            "journeys/test_filing.py::test_a_double_tap_is_one_report",
        ),
    ),
    "draft_kept_on_device": (
        "An unsent form stays on this device for 24 hours, never for pungli and rahasia.",
        (
            "journeys/test_filing.py::test_a_draft_holds_words_only",
            "journeys/test_filing.py::test_choosing_confidential_forgets_the_draft",
            "journeys/test_filing.py::test_ida_leaves_no_draft_and_can_leave_quickly",
        ),
    ),
    "code_not_recoverable": (
        "Nobody, the city included, can look up a lost tracking code.",
        (
            "web/test_filing_receipt.py::test_the_code_opens_the_case_and_is_stored_as_a_hash_only",
            "web/test_tracking.py::test_the_code_stands_nowhere",
            "database/test_outbox.py::test_no_address_code_or_word_of_a_report_is_in_the_outbox",
        ),
    ),
    "dates_are_working_days": (
        "Dates count Monday-Friday less national holidays and joint leave.",
        (
            "database/test_moves.py::test_promises_follow_the_states",
            "unit/test_civic_working_days.py::test_add",
        ),
    ),
    "complained_unit_bypassed": (
        "A report about a unit's own conduct is not assigned to that unit.",
        (
            "database/test_moves.py::test_the_unit_complained_about_cannot_hold_the_case",
            "database/test_moves.py::test_the_office_named_in_the_report_cannot_hold_it",
            "web/test_desk_case.py::test_the_office_complained_about_is_not_among_the_units",
        ),
    ),
    "erasure_72h": (
        "An erasure request is carried out within 3x24 hours.",
        (
            "database/test_erasure.py::test_then_everything_personal_is_gone",
            "database/test_erasure.py::test_nothing_is_left_in_the_database_files",
        ),
    ),
    "no_tracking": (
        "No advertising, no third-party analytics, cookies only for form, language and sign-in.",
        (
            "web/test_site.py::test_no_tracking",
            "journeys/test_filing.py::test_nothing_of_the_map_is_fetched_before_it_is_opened",
        ),
    ),
    "history_not_rewritable": (
        "History entries cannot be changed unnoticed.",
        (
            "database/test_audit.py::test_tampering_is_found_and_its_place_named",
            "database/test_audit.py::test_a_dropped_seal_is_found",
            "database/test_audit.py::test_chain_and_seals_rewritten_together_do_not_fit_a_kept_copy",
        ),
    ),
}


@cache
def names_in(file: str) -> frozenset[str]:
    path = Path(__file__).parent / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_promise_has_its_tests(claim: str) -> None:
    _says, proofs = CLAIMS[claim]
    missing = [
        proof for proof in proofs if proof.split("::")[1] not in names_in(proof.split("::")[0])
    ]
    assert proofs
    assert missing == []
