"""What ``check`` tells, whatever kind of target it is."""

from connectors.contract.subject import Subject
from provisioner.connector import SUBJECTS, PasswordRules, Severity, ShowsPasswordRules


class CheckContract:
    """``check`` and ``password_rules``."""

    def test_a_check_has_a_finding_on_every_subject_or_says_that_it_cannot_be_told(self, subject: Subject) -> None:
        assert {finding.subject for finding in subject.connector.check()} == set(SUBJECTS)

    def test_whatever_is_not_as_it_should_be_comes_with_what_to_do(self, subject: Subject) -> None:
        told = subject.connector.check()
        assert all(finding.remedy for finding in told if finding.severity is not Severity.OK)

    def test_days_and_seconds_come_as_figures_too(self, subject: Subject) -> None:
        for finding in subject.connector.check():
            measured = finding.code != "cannot-tell" and finding.subject in ("certificate", "clock")
            assert (finding.figure is not None) == (measured and finding.code != "unverified")

    def test_the_password_rules_are_read_from_the_target(self, subject: Subject) -> None:
        rules = subject.able(ShowsPasswordRules).password_rules()
        assert all(isinstance(each, PasswordRules) and each.source for each in rules)
