"""The English catalog is whole: every text of the pages, once, with the same places to fill in."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from flask.testing import FlaskClient

from tests.web.extraction import MessageId, messages
from web.catalog import DEFAULT, LANGUAGES, merged, read_catalogs

OTHERS = sorted(LANGUAGES.keys() - {DEFAULT})
BUILDERS = re.compile(r"\b(portal|target|link|drift|convergence|konvergensi|sasaran|orphan)\b", re.IGNORECASE)
PLACE = re.compile(r"%\((\w+)\)s|%%|%")


def _as_po(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _entry(message: MessageId) -> str:
    if isinstance(message, tuple):
        return f'msgid {_as_po(message[0])}\nmsgid_plural {_as_po(message[1])}\nmsgstr[0] ""\nmsgstr[1] ""\n'
    return f'msgid {_as_po(message)}\nmsgstr ""\n'


def _written(language: str) -> Iterator[tuple[str, Message]]:
    for file, catalog in read_catalogs(language):
        for message in catalog:
            if message.id:
                yield file.name, message


def _strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [str(message.string)]


def _first_id(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, (tuple, list)) else message.id)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    catalog = merged(language)
    missing: dict[MessageId, str] = {}
    for place, message in messages():
        entry = catalog.get(message[0] if isinstance(message, tuple) else message)
        if entry is None or not all(_strings(entry)):
            missing.setdefault(message, place)
    lines = "\n".join(f"#: {place}\n{_entry(message)}" for message, place in missing.items())
    assert not missing, f"add to web/translations/{language}/<subject>.po and translate:\n\n{lines}"


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_translated_in_two_ways_or_doubtfully_or_for_nothing(language: str) -> None:
    entries = list(_written(language))
    used = {message[0] if isinstance(message, tuple) else message for _, message in messages()}
    words: dict[str, set[str]] = {}
    for _, message in entries:
        words.setdefault(_first_id(message), set()).add(" | ".join(_strings(message)))
    assert {name: texts for name, texts in words.items() if len(texts) > 1} == {}
    assert [message.id for _, message in entries if message.fuzzy] == []
    assert sorted(words.keys() - used) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_the_same_places(language: str) -> None:
    for file, message in _written(language):
        source = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        for text in _strings(message):
            assert set(PLACE.findall(text)) == set(PLACE.findall(source[-1])), (file, message.id)
            assert "%" not in [match.group(0) for match in PLACE.finditer(text)], (file, message.id)


def test_no_text_uses_a_word_that_belongs_to_the_builders() -> None:
    found = [text for _, message in messages() for text in ([message] if isinstance(message, str) else message)]
    assert [text for text in found if BUILDERS.search(re.sub(r"%\(\w+\)s", "", text))] == []


def test_pages_are_indonesian_until_somebody_asks_for_english(client: FlaskClient) -> None:
    assert '<html lang="id">' in client.get("/").text
    english = client.get("/?lang=en")
    assert '<html lang="en">' in english.text
    assert "Skip to content" in english.text


def test_the_choice_of_a_language_is_remembered(client: FlaskClient) -> None:
    client.get("/?lang=en")
    assert '<html lang="en">' in client.get("/").text
    client.get("/?lang=id")
    assert '<html lang="id">' in client.get("/").text


def test_a_language_nobody_has_is_ignored(client: FlaskClient) -> None:
    answer = client.get("/?lang=xx")
    assert '<html lang="id">' in answer.text
    assert "Set-Cookie" not in answer.headers
