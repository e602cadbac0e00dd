from datetime import UTC, datetime

import pytest

from datathon.editions.rules import DossierField, Moment, Phase, PhaseKind, PhaseState, Quota, Window
from datathon.kernel.errors import Conflict, Invalid
from datathon.submissions.rules import (
    Allowance,
    Usage,
    accepted_types,
    allowance,
    check_kind,
    check_open,
    check_quota,
    check_withdrawable,
    clean_file_name,
    clean_message,
    clean_text,
    format_names,
    media_type,
    middle_of,
    missing_fields,
    request_key,
)

OPENS = datetime(2025, 11, 5, 8, 30, tzinfo=UTC)
CLOSES = datetime(2025, 12, 5, 17, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def _window(state: PhaseState, kind: PhaseKind = PhaseKind.SUBMISSIONS) -> Window:
    moment = Moment(0, OPENS.time())
    return Window(Phase("p", kind, {"fr": "Dépôts"}, moment, moment), OPENS, CLOSES, state, overridden=False)


def _field(kind: str = "text", **changes: object) -> DossierField:
    return DossierField(id="f", type=kind, title={"fr": "F"}, help={"fr": ""}, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quota", "usage", "left"),
    [
        (Quota(5, 60), Usage(2, 12), Allowance(3, 48)),
        (Quota(5, None), Usage(7, 7), Allowance(0, None)),
        (Quota(None, None), Usage(9, 9), Allowance(None, None)),
        (Quota(5, 60), Usage(0, 58), Allowance(5, 2)),
    ],
)
def test_allowance_is_what_both_limits_leave(quota: Quota, usage: Usage, left: Allowance) -> None:
    assert allowance(quota, usage) == left


def test_allowance_left_is_the_tighter_bound() -> None:
    assert (Allowance(5, 2).left, Allowance(1, None).left, Allowance(None, None).left) == (2, 1, None)


def test_check_quota_of_the_day_says_when_it_is_renewed() -> None:
    with pytest.raises(Conflict) as refusal:
        check_quota(Quota(2, None), Usage(2, 2), resets_at=CLOSES)
    assert refusal.value.params == {"limit": 2, "resets_at": CLOSES}


def test_check_quota_in_all_wins_over_the_day() -> None:
    with pytest.raises(Conflict, match="for this challenge"):
        check_quota(Quota(2, 2), Usage(2, 2), resets_at=CLOSES)


def test_check_open_says_when() -> None:
    check_open((_window(PhaseState.OPEN),), PhaseKind.SUBMISSIONS)
    with pytest.raises(Conflict) as closed:
        check_open((_window(PhaseState.CLOSED),), PhaseKind.SUBMISSIONS)
    with pytest.raises(Conflict) as upcoming:
        check_open((_window(PhaseState.CLOSED), _window(PhaseState.UPCOMING)), PhaseKind.SUBMISSIONS)
    with pytest.raises(Conflict, match="nothing of the kind"):
        check_open((_window(PhaseState.OPEN, PhaseKind.JURY),), PhaseKind.SUBMISSIONS)
    assert (closed.value.params, upcoming.value.params) == ({"closes": CLOSES}, {"opens": OPENS})


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("C:\\Users\\me\\predictions.csv", "predictions.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie: x.csv"),
        ("", "submission.csv"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_clean_file_name_keeps_a_harmless_last_part(raw: str, kept: str) -> None:
    assert clean_file_name(raw) == kept


def test_clean_message_too_long_names_its_field() -> None:
    assert clean_message(" syllabes,\n 3 modèles ") == "syllabes, 3 modèles"
    with pytest.raises(Invalid) as refusal:
        clean_message("m" * 501)
    assert refusal.value.field == "message"


def test_request_key_is_bound_to_challenge_and_file() -> None:
    keys = {request_key("k", challenge=c, digest=d) for c in ("a", "b") for d in ("1", "2")}
    assert len(keys) == 4
    assert request_key("k", challenge="a", digest="1") in keys
    assert request_key("", challenge="a", digest="1") is None


@pytest.mark.parametrize("state", ["running", "rejected", "failed", "withdrawn"])
def test_check_withdrawable_refuses(state: str) -> None:
    with pytest.raises(Conflict):
        check_withdrawable(state)


@pytest.mark.parametrize("state", ["received", "scored"])
def test_check_withdrawable_allows(state: str) -> None:
    check_withdrawable(state)


def test_middle_of_durations() -> None:
    assert (middle_of([]), middle_of([3.0]), middle_of([9.0, 1.0, 2.0]), middle_of([4.0, 1.0])) == (None, 3.0, 2.0, 2.5)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04\x14\x00", "application/zip"),
        (b"<svg xmlns=", None),
        (b"<html>", None),
        (b"MZ\x90\x00", None),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"", None),
    ],
)
def test_media_type_reads_the_first_bytes(head: bytes, kind: str | None) -> None:
    assert media_type(head) == kind


def test_accepted_types_follow_the_configuration() -> None:
    assert accepted_types(_field("file", formats=("jpg", ".JPEG", "svg"))) == ("image/jpeg",)
    assert format_names(_field("file")) == ("PNG", "JPEG", "WebP", "PDF", "ZIP")


def test_check_kind_names_what_fits() -> None:
    assert check_kind(_field("file", formats=("png",)), PNG) == "image/png"
    with pytest.raises(Invalid) as refusal:
        check_kind(_field("file", formats=("pdf",)), PNG)
    assert (refusal.value.field, refusal.value.params) == ("f", {"formats": "PDF"})


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("text", " a\r\nb\x00 ", "a\nb"),
        ("line", "a\n b", "a b"),
        ("url", " https://exemple.fr/a?b=c ", "https://exemple.fr/a?b=c"),
        ("url", "", ""),
    ],
)
def test_clean_text_keeps(kind: str, raw: str, kept: str) -> None:
    assert clean_text(_field(kind), raw) == kept


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//x.fr", "ftp://x.fr", "https://", "exemple.fr", "http://["])
def test_clean_text_refuses_what_is_no_link(link: str) -> None:
    with pytest.raises(Invalid) as refusal:
        clean_text(_field("url"), link)
    assert refusal.value.field == "f"


def test_clean_text_too_long_says_how_long() -> None:
    with pytest.raises(Invalid) as refusal:
        clean_text(_field(max_length=3), "quatre")
    assert refusal.value.params == {"limit": 3, "count": 6}


def test_missing_fields_keep_the_order_of_the_form() -> None:
    fields = (
        DossierField("a", "text", {"fr": ""}, {"fr": ""}),
        DossierField("b", "file", {"fr": ""}, {"fr": ""}),
        DossierField("c", "text", {"fr": ""}, {"fr": ""}, required=False),
        DossierField("d", "file", {"fr": ""}, {"fr": ""}),
    )
    assert missing_fields(fields, {"a": ""}, ["d"]) == ("a", "b")
