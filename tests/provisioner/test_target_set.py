"""Systems that the core cannot serve are refused when the service starts, not when somebody waits for an account."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import ConfigurationError
from provisioner.settings import TargetSettings
from tests.house import House, manual, memory, table

pytestmark = pytest.mark.usefixtures("store_kind")

DOMAIN = {
    "urls": ["ldaps://127.0.0.1:1"],
    "people_base": "OU=operator,DC=dinas,DC=test",
    "bind_dn": "CN=layanan,DC=dinas,DC=test",
    "bind_password_env": "DOMAIN_PASSWORD",
}


def _refused(folder: Path, targets: dict[str, TargetSettings]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        House(folder, targets)
    return str(caught.value)


def _domain(credential: str | None = None, *, sign_in: bool = False) -> TargetSettings:
    return TargetSettings(
        kind="active-directory", label="Domain", settings=DOMAIN, credential=credential, sign_in=sign_in
    )


@pytest.mark.parametrize("sign_in", [True, False])
def test_a_system_that_takes_clear_text_only_has_a_password_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign_in: bool
) -> None:
    monkeypatch.setenv("DOMAIN_PASSWORD", "unused")
    house = House(tmp_path, {"akun": memory(sign_in=not sign_in), "domain": _domain(sign_in=sign_in)})
    assert house.targets.credential_of("domain") == "domain"
    assert house.targets.credential_of("akun") == "shared"
    house.close()


@pytest.mark.parametrize("credential", ["shared", "domain2"])
def test_a_system_that_takes_clear_text_only_shares_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credential: str
) -> None:
    """It would have to be up whenever the others get one."""
    monkeypatch.setenv("DOMAIN_PASSWORD", "unused")
    targets = {"akun": memory(sign_in=True), "domain": _domain(credential), "domain2": _domain()}
    assert "targets.domain.credential" in _refused(tmp_path, targets)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (manual().model_copy(update={"sign_in": True}), "cannot check passwords"),
        (
            table(
                Path("accounts.db"),
                sign_in=True,
                withheld=True,
                unusable_verifier="!",
                columns={"must_change": None},
            ),
            "never gets the initial password",
        ),
    ],
)
def test_operators_cannot_sign_in_with_a_system_that_does_not_know_the_initial_password(
    tmp_path: Path, target: TargetSettings, reason: str
) -> None:
    told: Any = _refused(tmp_path, {"akun": target})
    assert "targets.akun.sign_in" in told
    assert reason in told


def test_systems_that_take_the_usual_form_of_a_password_share_one(tmp_path: Path) -> None:
    """Hashing costs most of what is done for an account."""
    house = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory()})
    forms = house.targets.verifiers(["akun", "arsip"], "kata sandi yang panjang")
    assert forms["akun"] is forms["arsip"]
    assert forms["akun"].scheme == "argon2id"
    house.close()
