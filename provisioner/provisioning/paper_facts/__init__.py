"""What each kind of paper is filled from: one module a kind, each with ``gather``."""

from collections.abc import Mapping
from functools import partial

from provisioner.paper import PaperKind
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.context import Context
from provisioner.provisioning.paper_facts import request_letter
from provisioner.provisioning.papers import Gather


def gathering(context: Context, forms: BioForms) -> Mapping[PaperKind, Gather]:
    """Every kind's gatherer."""
    return {
        PaperKind.REQUEST_LETTER: partial(request_letter.gather, context, forms),
    }
