"""Every kind of event there is. A word, once used, keeps its meaning for ever: old trails are read with it.

Free text that people write (reasons, notes, instructions) may name somebody, so it is personal; codes are public.
``documents`` and the like are lists. Times and dates are ISO text. What a field's code means is said by the front end.
"""

from provisioner.audit.events import Catalogue, EventKind, kind

_PUBLIC_KEYS = "opening_key signing_key"

_LETTERS: tuple[EventKind, ...] = (
    # SOP steps 1-3: the letter. ``to`` and ``desk`` are posts ("Kepala Bidang"), ``step`` the number in the SOP.
    kind("draft-begun"),
    kind("draft-discarded", optional="reason_code"),
    kind("letter-registered", "letter_number", "letter_date register_number urgency", "sender subject"),
    # The register book. ``direction``: incoming or outgoing; ``year`` that of the book.
    kind("register-entry-corrected", "register_number changed", "letter_number"),
    kind("register-entry-voided", "register_number direction", "letter_number", "reason"),
    kind("register-exported", "form year direction count"),
    kind("outgoing-number-given", "register_number document", "letter_number"),
    # An official's disposition that the secretary recorded from the initialled sheet, whose scan has this digest.
    kind("disposition-recorded", "letter_number act official sha256", "step length", "note"),
    kind("letter-opened", "letter_number desk", "step"),
    kind("letter-forwarded", "letter_number to", "step urgency requested_actions minutes", "instruction note"),
    kind("letter-returned", "letter_number to", "step minutes", "reason"),
    kind("letter-rejected", "letter_number", "step minutes reason_code", "reason"),
    kind("paper-printed", "document", "letter_number head_seq"),
    # A paper of the SOP was filled in and kept; ``revision`` counts what it replaces.
    kind("paper-made", "document sha256", "letter_number paper_number revision template_revision"),
    # Nobody asked for it: it was to be made when the case ended, and cannot be. ``code`` tells why.
    kind("paper-not-made", "document code", "letter_number characters"),
    kind("paper-read", "document sha256", "letter_number paper_number revision"),
    kind("paper-checked", "document result", "paper_number method"),
)

_REQUESTS: tuple[EventKind, ...] = (
    # SOP steps 1, 3 and 4: each person's request.
    kind(
        "request-submitted",
        "letter_number",
        f"letter_date register_number role region check_code {_PUBLIC_KEYS}",
        "applicant_name nik sender",
    ),
    kind("request-resubmitted", "letter_number to", f"changed step check_code {_PUBLIC_KEYS}", "applicant_name nik"),
    kind("request-withdrawn", "letter_number", "step reason_code", "applicant_name reason"),
    kind("request-opened", "letter_number desk", "step", "applicant_name"),
    kind("request-returned", "letter_number to", "step minutes", "applicant_name reason"),
    kind("request-rejected", "letter_number", "step minutes reason_code", "applicant_name reason"),
    kind("request-approved", "letter_number", "step minutes role region", "applicant_name note"),
    kind("request-completed", "letter_number", "minutes", "applicant_name"),
    kind("act-undone", "act", "letter_number step", "reason"),
    kind("bio-form-completed", "letter_number", "step changed form_sha256", "applicant_name"),
    kind("replacement-proposed", "letter_number", "replaced_account", "applicant_name replaced_username"),
    kind("identity-confirmed", "letter_number check_code", "method", "applicant_name note"),
    kind("check-code-refused", "letter_number", "attempt", "applicant_name"),
    kind("username-chosen", "letter_number", "", "applicant_name username"),
    kind("target-left-out", "letter_number target", "", "applicant_name reason"),
)

_PACTS: tuple[EventKind, ...] = (
    # SOP step 4: the pact. ``sha256`` and ``length`` are those of the file after this act; ``authentication`` is what
    # was really used.
    kind("pact-made", "pact_number letter_number", "template_revision text_revision sha256 length", "applicant_name"),
    kind(
        "pact-signed-by-applicant",
        "pact_number",
        "letter_number sha256 length check_code certificate",
        "applicant_name",
    ),
    kind(
        "pact-signed",
        "pact_number",
        "letter_number sha256 length authentication certificate mandate method",
        "applicant_name",
    ),
    kind("pact-voided", "pact_number reason_code", "letter_number", "applicant_name reason"),
    kind("pact-checked", "pact_number result", "method sha256"),
    kind("pact-downloaded", "pact_number", "", "applicant_name"),
    # Signed on paper. ``sha256``: of the scan as it is kept; ``replaced``: of the scan in whose place it comes.
    kind("pact-scan-brought", "pact_number sha256 length", "letter_number pages replaced", "applicant_name"),
    kind("pact-scan-read", "pact_number sha256"),
    kind("pact-scan-confirmed", "pact_number sha256 seen", "letter_number authentication", "applicant_name"),
    # Signed anew by an operator. ``method``: with what; ``until``: the last day of it, or for it.
    kind("pact-text-kept", "text_revision sha256"),
    kind("pact-reminded", "text_revision reason_code until", "", "username"),
    kind("pact-renewed", "pact_number text_revision", "sha256 length method until", "applicant_name"),
    kind("pact-list-exported", "count", "kinds"),
    kind("pact-check-asked"),
    kind("pact-fault-found", "reason_code", "", "username"),
    kind("pact-time-given", "until", "", "username reason"),
)

_ACCOUNTS: tuple[EventKind, ...] = (
    # SOP step 5 and the life afterwards. ``reason_code`` is one of the legal reasons; ``version`` the desired version.
    kind(
        "account-approved",
        "pact_number",
        "letter_number role region targets version valid_until",
        "username applicant_name",
    ),
    kind("account-changed", "changed", "role region version valid_until", "username reason"),
    kind("account-extended", "valid_until", "version", "username reason"),
    kind("account-suspended", "", "reason_code version until", "username reason"),
    kind("account-reactivated", "", "reason_code version", "username reason"),
    kind("account-revoked", "reason_code", "version replaced_by decree_number", "username reason"),
    kind("account-expired", "", "version valid_until", "username"),
    kind("account-locked", "reason_code", "version until", "username"),
    # The first day: accounts that a system had before. ``list`` is the id of the list.
    kind("accounts-recorded", "target count", "list pact_by"),
    kind("recorded-list-taken-back", "target count", "list"),
    kind("recorded-list-submitted", "target count letter_number", "list pact_by"),
    kind("recorded-account-reminded", "target", "pact_by", "username applicant_name"),
    kind("recorded-account-extended", "target pact_by", "", "username applicant_name reason"),
    kind("recorded-account-removed", "target", "", "username applicant_name reason"),
    kind("account-reason-added", "reason_code", "decree_number", "username reason"),
)

_TARGETS: tuple[EventKind, ...] = (
    # What was done in the systems. ``target`` is a system's name from the settings, ``code`` a connector error's.
    kind("account-created-in-target", "target", "version remote_id on_decision_of milliseconds", "username"),
    kind("account-adopted-in-target", "target", "version", "username"),
    kind("account-changed-in-target", "target", "version changed", "username"),
    kind("account-reactivated-in-target", "target", "version", "username"),
    kind("account-disabled-in-target", "target", "version", "username"),
    kind("account-deleted-in-target", "target", "version", "username"),
    kind("account-restored-in-target", "target", "version", "username"),
    kind("entitlements-granted", "target entitlements", "version", "username"),
    kind("entitlements-revoked", "target entitlements", "version", "username"),
    kind("sessions-ended-in-target", "target", "count", "username"),
    kind("target-failed", "target code", "version attempt detail", "username"),
    kind("target-recovered", "target", "since"),
    kind("retry-asked", "target", "version", "username"),
    kind("target-retry-asked", "target count"),
    kind("target-paused", "target", "", "reason"),
    kind("target-resumed", "target"),
    kind("difference-found", "target", "count differences", "username"),
    # Comparing a whole system with what was decided. ``kinds`` are those of findings.
    kind("reconciliation-asked", "target", "repairs sha256 count"),
    kind("reconciliation-finished", "target", "in_order drift missing orphan unmanaged pending recorded"),
    kind("reconciliation-failed", "target code", "count"),
    kind("repair-ordered", "target count", "kinds", "username"),
    kind("closing-ordered", "target count", "", "username"),
    kind("orphan-closed", "target", "", "username"),
    # The manual connector: a card that a person carries out. Asked and done are different.
    kind("card-made", "target task", "card", "username"),
    kind("card-done", "target task", "card first_change_enforced sha256 late", "username note"),
    kind("card-evidence-read", "target task", "card sha256"),
)

_CREDENTIALS: tuple[EventKind, ...] = (
    # SOP step 6. ``credential`` is its name in the settings, ``generation`` counts up.
    kind("password-issued", "credential generation", "targets on_decision_of", "username"),
    kind("envelope-sealed", "", "generations credentials open_until", "username"),
    kind("envelope-opened", "", "generations credentials", "username"),
    kind("envelope-shown-again", "", "generations credentials", "username"),
    kind("envelope-lapsed", "", "generations credentials reason_code", "username"),
    kind("envelope-destroyed", "", "generations credentials reason_code", "username"),
    kind("envelope-foreign-attempt", "", "opened_at credentials", "username"),
    kind("envelope-alarm-examined", "", "count", "username note"),
    kind("password-changed", "", "place targets", "username"),
    kind("password-changed-elsewhere", "target", "", "username"),
    kind("password-reset-asked", "", "credentials reason_code method", "username note"),
    kind("ticket-reported-lost", "", "reason_code method", "applicant_name"),
    kind("ticket-refused", "code", "attempt"),
    kind("enrolment-code-issued", "", "reason_code valid_until", "applicant_name"),
    kind("enrolment-code-confirmed", "", "asked_by", "applicant_name"),
    kind("enrolment-code-refused", "code", "attempt", "applicant_name"),
    kind("enrolment-code-voided", "", "", "applicant_name"),
    kind("ticket-exchanged", "check_code", _PUBLIC_KEYS, "applicant_name"),
)

_OPERATORS: tuple[EventKind, ...] = (
    kind("operator-signed-in", "", "target must_change", "username"),
    kind("operator-sign-in-failed", "code", "target attempt", "username"),
    kind("operator-locked-out", "", "target until attempt", "username"),
    kind("operator-signed-out", "", "", "username"),
    kind("help-asked", "topic", "", "username contact note"),
    kind("help-answered", "topic method", "reason_code", "username note"),
    kind("help-overtaken", "topic reason_code", "", "username"),
)

_OFFICIALS: tuple[EventKind, ...] = (
    # ``official`` is the login name of the official's own account in this system, ``post`` the office's word.
    kind("official-signed-in", "", "official second_factor"),
    kind("official-sign-in-failed", "code", "official attempt", "tried_name"),
    kind("official-locked-out", "official", "until attempt"),
    kind("official-signed-out", "", "official"),
    kind("official-reauthenticated", "purpose", "official second_factor"),
    kind("official-reauthentication-failed", "purpose code", "official attempt"),
    kind("official-added", "official roles", "post", "name"),
    kind("official-suspended", "official", "reason_code", "name reason"),
    kind("official-reactivated", "official", "reason_code", "name reason"),
    kind("official-extended", "official", "until", "name reason"),
    kind("official-reset", "official", "", "name"),
    # A first password was drawn: on an ``envelope``, or for the ``screen`` of the machine itself.
    kind("official-first-password-made", "official until method", "", "name"),
    kind("official-password-changed", "", "official forced"),
    kind("second-factor-enrolled", "", "official method"),
    kind("second-factor-removed", "official", "method"),
    kind("mandate-added", "official post mandate_kind", "decree_number since until", "name"),
    kind("mandate-ended", "official post mandate_kind", "decree_number until", "name"),
    kind("decisions-listed", "official", "since count"),
    kind("session-ended", "whose", "count reason_code", "username"),
    # Somebody signed in to the machine itself and used the command there.
    kind("too-many-tries", "area", "count"),
)

_PAPERS: tuple[EventKind, ...] = (
    # Personal data seen or taken out, and the trail itself. ``document`` names the kind of paper, not its content.
    kind("attachment-added", "document", "letter_number sha256 length pages", "file_name"),
    kind("attachment-read", "document", "letter_number sha256"),
    kind("original-seen", "document", "letter_number sha256"),
    kind("attachment-removed", "document", "letter_number sha256 reason_code"),
    kind("nik-shown", "", "letter_number purpose", "applicant_name"),
    kind("personal-data-erased", "count", "reason_code until"),
    # ``form``: ``zip`` or ``pdf`` of one or several, ``year``. ``sha256`` is that of the archive's manifest.
    kind("case-file-read", "form letter_number"),
    # In which physical box the papers lie; without ``box``: taken out of the former one.
    kind("case-filed", "letter_number", "box place former_box", "applicant_name"),
    kind("box-moved", "box place", "former_place"),
    kind("case-files-exported", "form count sha256"),
    # Destroying case files whose retention is over. ``sha256`` is that of the list, or of what was said of one case.
    kind("destruction-proposed", "count sha256 basis years"),
    kind("destruction-withdrawn", "count sha256"),
    kind("destruction-approved", "count sha256 basis paper_number authentication", "archive_sha256"),
    kind("case-destroyed", "letter_number paper_number count erased sha256", "box"),
    kind("destruction-finished", "count left_out paper_number"),
    kind("audit-exported", "last_seq", "first_seq count with_personal form"),
)

_INSPECTION: tuple[EventKind, ...] = (
    # What an inspector asked for and took out: days, numbers and counts, never what stood in it.
    kind("accounts-on-day-exported", "day count form"),
    kind("staff-list-compared", "day count", "form not_listed without_account several malformed without_number"),
    kind("sample-drawn", "since until count seed", "population population_sha256"),
    kind("sample-taken-out", "since until count seed", "population_sha256"),
    kind("exceptions-exported", "since until count", "form"),
)

_SYSTEM: tuple[EventKind, ...] = (
    kind("office-prepared", "", "officials targets release"),
    kind("service-started", "release", "engine"),
    kind("service-stopped", "release"),
    # ``sections`` are names, each with a keyed digest of what stood in it: no value can be guessed from one.
    kind("settings-loaded", "sections", "altered release"),
    kind("schema-migrated", "revision", "old_revision"),
    kind("keys-made", "key_id"),
    kind("keys-rotated", "key_id", "old_key_id"),
    kind("keys-resealed", "key_id count"),
    kind("keys-retired", "key_id"),
    # A second copy exists: ``method`` typed or scanned from paper, or only stated. ``count``: keys besides the look-up
    # secret.
    kind("key-copy-confirmed", "", "key_id method count", "place"),
    kind("keys-printed", "key_id count"),
    # The key file was made again from paper; ``method`` as above.
    kind("keys-restored", "key_id count method"),
    # ``verified``: whether all of it was read again, or only that the disk holds what was written.
    kind("backup-made", "size sha256 verified", "encrypted release"),
    # The store was restored: the trail goes on from the backup's last event, and what came after that is lost.
    kind(
        "epoch-opened",
        "backup_seq backup_hash backup_made_at release",
        "lost_events envelopes tickets codes sessions",
        "reason",
    ),
    kind("restore-confirmed", "backup_seq", "targets not_compared", "note"),
    kind("next-number-set", "series year number", "former_number", "reason"),
    kind("certificate-issued", "purpose serial", "sha256 valid_until"),
    kind("walk-begun", "targets"),
    kind("walk-finished", "result", "kept code"),
)


def catalogue() -> Catalogue:
    """The catalogue of this release."""
    return Catalogue(
        (
            *_LETTERS,
            *_REQUESTS,
            *_PACTS,
            *_ACCOUNTS,
            *_TARGETS,
            *_CREDENTIALS,
            *_OPERATORS,
            *_OFFICIALS,
            *_PAPERS,
            *_INSPECTION,
            *_SYSTEM,
        )
    )
