"""The SOP as a line that one reads at a glance: what a page needs to know of each step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.office import Office, PostId
from provisioner.procedure import APPLICANT, Act, Procedure, Step
from provisioner.provisioning.sop_line import StepState, StepView
from web.catalog import DEFAULT, gettext


@dataclass(frozen=True)
class SopStep:
    """One step as the line shows it."""

    number: int
    title: str
    actor: str
    """Whose desk: "Kepala Dinas"."""
    standard: int
    """Minutes of the service standard."""
    state: str
    """``done``, ``now``, ``wait`` (the clock stands: the applicant must act), ``stop`` (ended here) or ``next``."""
    used: int | None = None
    """Minutes of working time used, from the actor's first opening; None before that."""
    desk: int | None = None
    """Minutes of working time it lay on the desk before it was opened."""
    by: str = ""
    """Who did it, where that is worth saying: "sistem, atas keputusan Kasi"."""
    remark: str = ""
    """One more line: "jam berhenti"."""

    @property
    def state_text(self) -> str:
        """The state in a word, for those who do not see the colour."""
        return {
            "done": gettext("selesai"),
            "now": gettext("sekarang"),
            "wait": gettext("menunggu pemohon"),
            "stop": gettext("berhenti di sini"),
        }.get(self.state) or gettext("berikutnya")


def step_title(step: Step | StepView, office: Office, language: str) -> str:
    """A short name for a step of the SOP, for headings and the line: the SOP's own sentences are long."""
    if step.act is Act.DISPOSE:
        post = office.posts[PostId(step.actor)]
        return gettext("Disposisi %(post)s", post=post.short if language == DEFAULT else post.label.text(language))
    return {
        Act.SUBMIT: gettext("Surat permohonan"),
        Act.REVIEW: gettext("Kajian dan pakta"),
        Act.CREATE: gettext("Pembuatan akun"),
        Act.RECEIVE: gettext("Serah terima"),
    }[step.act]


def actor_label(step: Step | StepView, office: Office, language: str) -> str:
    """Whose desk a step is at, in words."""
    return gettext("Pemohon") if step.actor == APPLICANT else office.posts[PostId(step.actor)].label.text(language)


def blank_line(procedure: Procedure, office: Office, language: str) -> list[SopStep]:
    """The SOP before anything has happened: what an applicant may expect."""
    return [
        SopStep(
            step.number, step_title(step, office, language), actor_label(step, office, language), step.minutes, "next"
        )
        for step in procedure.steps
    ]


def shown(
    views: Iterable[StepView], office: Office, language: str, by: Mapping[int, str] | None = None
) -> list[SopStep]:
    """The line of a letter or request as the core tells it. ``by``: who did a step, by its number, where it matters."""
    return [
        SopStep(
            view.number,
            step_title(view, office, language),
            actor_label(view, office, language),
            view.standard,
            _state(view),
            None if view.state is StepState.NEXT else view.used,
            view.waited,
            (by or {}).get(view.number, ""),
            gettext("waktu berhenti: menunggu pemohon") if view.with_applicant else "",
        )
        for view in views
    ]


def _state(view: StepView) -> str:
    if view.state is StepState.STOPPED:
        return "stop"
    return "wait" if view.with_applicant else view.state.value
