"""What each kind of paper is filled from: one module a kind, each with ``gather``."""

from collections.abc import Mapping
from functools import partial

from provisioner.convergence.target_set import TargetSet
from provisioner.paper import PaperKind
from provisioner.provisioning.context import Context
from provisioner.provisioning.paper_content import Gather
from provisioner.provisioning.paper_facts import (
    answer,
    bio_form,
    destruction_record,
    disposition_sheet,
    handover_receipt,
    request_letter,
    revocation_report,
)


def gathering(context: Context, targets: TargetSet) -> Mapping[PaperKind, Gather]:
    """Every kind's gatherer."""
    return {
        PaperKind.REQUEST_LETTER: partial(request_letter.gather, context),
        PaperKind.DISPOSITION_SHEET: partial(disposition_sheet.gather, context),
        PaperKind.BIO_FORM: partial(bio_form.gather, context),
        PaperKind.ANSWER: partial(answer.gather, context),
        PaperKind.HANDOVER_RECEIPT: partial(handover_receipt.gather, context),
        PaperKind.REVOCATION_REPORT: partial(revocation_report.gather, context, targets),
        PaperKind.DESTRUCTION_RECORD: partial(destruction_record.gather, context),
    }
