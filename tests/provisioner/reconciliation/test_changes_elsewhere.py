"""The list of the last full comparison brought up to date by what other directories than OpenLDAP say has changed."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.provisioning.reconciliation_views import RunSummary
from provisioner.settings import TargetSettings
from tests.house import House
from tests.servers.ds389 import ROLE_GROUPS as GROUPS_389
from tests.servers.ds389 import shared_ds389
from tests.servers.samba_ad import ROLE_GROUPS, shared_samba_ad

pytestmark = pytest.mark.usefixtures("store_kind")


def a_house(folder: Path, kind: str, settings: dict[str, Any]) -> House:
    """An office with one target and three accounts that are as they should be."""
    house = House(folder, {"direktori": TargetSettings(kind=kind, label="Direktori", sign_in=True, settings=settings)})
    for name in ("berubah", "hilang", "sesuai"):
        house.approved(name)
    house.heart.drain()
    house.still.move(hours=1)
    assert look(house).in_order == 3
    return house


def look(house: House, **asked: Any) -> RunSummary:
    run = house.heart.reconciliations.run(house.official("it"), "direktori", **asked)
    assert run.state == "finished", run.error_message
    house.still.move(seconds=1)
    return run


def listed(house: House, run: RunSummary) -> dict[str, str]:
    """Every finding of the list, by user name."""
    it, core = house.official("it"), house.heart.reconciliations
    full = core.system(it, "direktori").finished
    assert full is not None
    assert run.only_changes
    return {line.username: line.kind for line in core.every_finding(it, full.id)}


def test_of_a_389_directory_server_all_is_seen(tmp_path: Path) -> None:
    tree = shared_ds389().fresh_tree()
    house = a_house(tmp_path, "ds389", tree.settings())
    tree.directory.set(f"cn={GROUPS_389[1]},ou=groups,{tree.base}", member=tree.person("berubah"))
    tree.directory.add([f"dn: {tree.person('hilang')}\nchangetype: delete\n"])
    tree.add_people(["tamu"])
    run = look(house, only_changes=True)
    assert listed(house, run) == {"berubah": "drift", "hilang": "missing", "tamu": "unmanaged"}
    assert (run.read, look(house, only_changes=True).read) == (3, 0)
    house.close()


def test_of_a_domain_all_is_seen_but_what_was_removed(tmp_path: Path) -> None:
    with shared_samba_ad().office() as office:
        house = a_house(tmp_path, "active-directory", office.settings())
        administrator = office.domain.administrator
        group = {"member": [("MODIFY_ADD", [office.person("berubah")])]}
        assert administrator.modify(f"CN={ROLE_GROUPS[1]},{office.groups}", group)
        assert administrator.delete(office.person("hilang"))
        office.add_people(["tamu"])
        run = look(house, only_changes=True)
        assert listed(house, run) == {"berubah": "drift", "tamu": "unmanaged"}
        assert (run.read, look(house, only_changes=True).read) == (2, 0)
        assert look(house).missing == 1
        house.close()
