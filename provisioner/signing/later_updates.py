"""What the updates after the last signature of a PDF touch: validation data alone, or more than that."""

from collections.abc import Iterable

from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

_KEPT_IN_CATALOG = ("/DSS", "/Extensions")

_Numbers = frozenset[tuple[int, int]]


def touches_validation_data_alone(reader: PdfFileReader, signed: int) -> bool:
    """Whether every object that a revision after ``signed`` writes is the catalog, the document security store (ETSI EN
    319 142-1, clause 5.4) or something in it, or a part of the cross-reference table.

    That the catalog and the store are well formed, and the rest of the catalog is as it was, is what pyHanko judges;
    but it also takes a new title for harmless, because it alters no page.
    """
    xrefs, newest = reader.xrefs, reader.get_historical_resolver(reader.total_revisions - 1)
    later = range(signed + 1, reader.total_revisions)
    written = _numbers(ref for revision in later for ref in xrefs.explicit_refs_in_revision(revision))
    allowed = {(newest.root_ref.idnum, newest.root_ref.generation)}
    for revision in later:
        allowed |= _numbers(xrefs.object_streams_used_in(revision))  # type: ignore[no-untyped-call]
        table = xrefs.get_xref_container_info(revision).stream_ref
        allowed |= _numbers([table] if table else [])
    for key in _KEPT_IN_CATALOG:
        if key in newest.root:
            allowed |= _numbers(newest.collect_dependencies(newest.root.raw_get(key)))
    described = _described(newest)
    return written <= allowed - described and described == _described(reader.get_historical_resolver(signed))


def _described(at: HistoricalResolver) -> _Numbers:
    """Where title, dates and the like stand in this revision."""
    places = [at.trailer_view.get_value_as_reference("/Info", optional=True)]
    places.append(at.root.get_value_as_reference("/Metadata", optional=True))
    return _numbers(place for place in places if place is not None)


def _numbers(references: Iterable[Reference]) -> _Numbers:
    return frozenset((each.idnum, each.generation) for each in references)
