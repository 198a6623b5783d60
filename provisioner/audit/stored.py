"""A row as it stands in the database, right or wrong: judging it is the verifier's part."""

import json
from typing import Any

from provisioner.audit.chain import instant
from provisioner.audit.entry import Subjects
from provisioner.store.tables.audit import AuditRow


def stored_content(row: AuditRow) -> dict[str, Any]:
    """What is hashed of the row (see :class:`provisioner.audit.chain.ChainRow`), as a JSON object."""
    return {
        "seq": row.seq,
        "at": instant(row.at),
        "kind": row.kind,
        "actor": {"kind": row.actor_kind, "id": row.actor_id, "label": row.actor_label},
        "subjects": Subjects(row.letter_id, row.request_id, row.account_id, row.official_id).given(),
        "fields": _parsed(row.fields),
        "commitments": _parsed(row.commitments),
        "previous": row.previous,
    }


def _parsed(text: str) -> Any:
    """The JSON value; text that is none stays text, which the verifier takes for a change."""
    try:
        return json.loads(text)
    except ValueError:
        return text
