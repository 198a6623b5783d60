"""Every event reads as a sentence, in both languages, whatever was erased."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from provisioner.audit import Actor, AuditEntry, Subjects
from provisioner.audit.catalogue import catalogue
from provisioner.audit.entry import ACTOR_KINDS
from provisioner.audit.events import Value
from web.audit_sentences import ACTORS, SENTENCES, sentence
from web.catalog import LANGUAGES, setup_languages

PLACES = re.compile(r"%\((\w+)\)s")
NOT_ON_A_PAGE = re.compile(r"\b(portal|target|link|convergence|drift)\b", re.IGNORECASE)
HEAD = Actor.official("official-1", "Kepala Dinas", name="Drs. MUHAMMAD IMRON")


@pytest.fixture
def house() -> Flask:
    app = Flask(__name__)
    setup_languages(app, "Asia/Jakarta")
    return app


def entry(kind: str = "letter-forwarded", actor: Actor = HEAD, **fields: Value) -> AuditEntry:
    at = datetime(2026, 11, 22, 1, tzinfo=UTC)
    return AuditEntry(1, at, kind, actor, Subjects(), fields, frozenset(), frozenset(), True, "0" * 64)


def patterns(house: Flask) -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        with house.test_request_context(f"/?lang={language}"):
            yield from ((language, word, str(text)) for word, text in SENTENCES.items())


def test_the_head_forwards_a_letter_in_both_languages(house: Flask) -> None:
    forwarded = entry(letter_number="800/112", to="Kepala Bidang")
    with house.test_request_context("/"):
        assert sentence(forwarded) == "Kepala Dinas meneruskan surat 800/112 kepada Kepala Bidang."
    with house.test_request_context("/?lang=en"):
        assert sentence(forwarded) == "Kepala Dinas forwarded letter 800/112 to Kepala Bidang."


def test_posts_and_codes_are_said_in_words(house: Flask) -> None:
    english = {("actor", "Kepala Dinas"): "The head of agency", ("to", "Kepala Bidang"): "the division head"}
    with house.test_request_context("/?lang=en"):
        text = sentence(
            entry(letter_number="1", to="Kepala Bidang"), lambda field, value: english.get((field, value), value)
        )
    assert text == "The head of agency forwarded letter 1 to the division head."


def test_every_kind_of_the_catalogue_has_a_sentence_and_no_other_has() -> None:
    assert set(SENTENCES) == set(catalogue().words)


def test_every_place_is_a_field_of_its_kind(house: Flask) -> None:
    known = catalogue()
    wrong = [
        (language, word, place)
        for language, word, text in patterns(house)
        for place in PLACES.findall(text)
        if place != "actor" and place not in known[word].fields
    ]
    assert not wrong


def test_a_place_that_is_not_personal_is_always_recorded(house: Flask) -> None:
    """Only the name tried at a failed sign-in may be missing: there may be no such official."""
    known = catalogue()
    wrong = [
        (word, place)
        for _, word, text in patterns(house)
        for place in PLACES.findall(text)
        if place in known[word].optional and (word, place) != ("official-sign-in-failed", "official")
    ]
    assert not wrong


def test_every_sentence_is_translated_with_the_same_places(house: Flask) -> None:
    said = {(language, word): text for language, word, text in patterns(house)}
    for word in SENTENCES:
        indonesian, english = said["id", word], said["en", word]
        assert indonesian != english, word
        assert set(PLACES.findall(indonesian)) == set(PLACES.findall(english)), word


def test_sentences_use_the_words_of_the_office(house: Flask) -> None:
    assert not [text for _, _, text in patterns(house) if NOT_ON_A_PAGE.search(PLACES.sub("", text))]


def test_every_kind_of_actor_has_a_name() -> None:
    assert set(ACTORS) == set(ACTOR_KINDS)


@pytest.mark.parametrize("word", catalogue().words)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_event_of_which_nothing_is_known_is_still_a_sentence(house: Flask, word: str, language: str) -> None:
    with house.test_request_context(f"/?lang={language}"):
        text = sentence(entry(word, Actor("visitor")))
    assert "%(" not in text
    assert text.endswith(".")


def test_what_was_erased_or_exchanged_is_said_so(house: Flask) -> None:
    at = datetime(2026, 11, 22, 1, tzinfo=UTC)
    personal = frozenset({"username"})
    erased = AuditEntry(1, at, "account-suspended", HEAD, Subjects(), {}, personal, frozenset(), True, "")
    exchanged = AuditEntry(1, at, "account-suspended", HEAD, Subjects(), {}, frozenset(), personal, True, "")
    with house.test_request_context("/"):
        assert sentence(erased) == "Kepala Dinas membekukan akun (dihapus)."
        assert sentence(exchanged) == "Kepala Dinas membekukan akun (diragukan)."
        assert sentence(entry("account-suspended")) == "Kepala Dinas membekukan akun (tidak dicatat)."


def test_an_applicant_without_a_name_yet_is_called_so(house: Flask) -> None:
    with house.test_request_context("/"):
        said = sentence(entry("request-withdrawn", applicant_name="", letter_number="470/21"))
    assert said == "Kepala Dinas menarik permohonan pemohon yang belum mengisi nama (surat 470/21)."


def test_a_value_is_never_read_as_a_pattern(house: Flask) -> None:
    with house.test_request_context("/"):
        assert "100%(actor)s %s %" in sentence(entry(letter_number="100%(actor)s %s %", to="Kabid"))


def test_lists_and_numbers_are_written_out(house: Flask) -> None:
    with house.test_request_context("/"):
        assert "peran head, adb" in sentence(entry("official-added", official="x", roles=["head", "adb"]))
        assert "5 isian" in sentence(entry("keys-resealed", key_id="a1", count=5))


def test_an_event_of_a_later_release_is_named_by_its_kind(house: Flask) -> None:
    with house.test_request_context("/?lang=en"):
        assert sentence(entry("letter-eaten")) == "Event letter-eaten."
