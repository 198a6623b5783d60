from collections.abc import Iterator
import pytest
from pathlib import Path
from connectors.ldap import LdapConnector
from provisioner.connector import ConnectorContext
from tests.servers.slapd import private_slapd, PEOPLE
from tests.connectors.contract import *
import subprocess

@pytest.fixture(params=["enforced","withheld"])
def subject(tmp_path, request):
    with private_slapd(tmp_path) as s:
        c = LdapConnector.from_settings(s.settings(policy=None) if request.param=="withheld" else s.settings(), ConnectorContext("d"))
        def add(names):
            with c._pool.session() as ses:
                for n in names:
                    a=ses.add(f"uid={n},{PEOPLE}", {"objectClass":[b"inetOrgPerson"],"uid":[n.encode()],"cn":[b"x"],"sn":[b"x"]},["1.1"]); assert a.code==0,a
        yield Subject(c, add)
        c.close()
for n,k in list(globals().items()):
    if n.endswith("Contract"): globals()["Test"+n]=type("Test"+n,(k,),{})
