"""What the tests' private directories hold at first: units, policy, service account, groups, people on request."""

from collections.abc import Iterator, Mapping

SUFFIX = "dc=dinas,dc=test"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
POLICY = f"cn=default,ou=policies,{SUFFIX}"
BIND_DN = f"cn=provisioner,ou=services,{SUFFIX}"
BIND_PASSWORD = "service-account-password"
PLACEHOLDER = f"cn=nobody,ou=services,{SUFFIX}"
ROLE_GROUPS = ("peran-OPERATOR_DAFDUK", "peran-OPERATOR_CAPIL", "wilayah-35.76.01", "wilayah-35.76.02")
POLICY_VALUES: Mapping[str, str] = {
    "pwdAttribute": "userPassword",
    "pwdMustChange": "TRUE",
    "pwdCheckQuality": "2",
    "pwdMinLength": "10",
    "pwdInHistory": "3",
    "pwdLockout": "TRUE",
    "pwdMaxFailure": "3",
    "pwdLockoutDuration": "0",
    "pwdAllowUserChange": "TRUE",
    "pwdSafeModify": "FALSE",
}


def tree_ldif(policy: Mapping[str, str], people: int = 0) -> str:
    """The tree as LDIF, with this default password policy and this many strangers (``orang000000`` and on)."""
    return "\n".join(_entries(policy, people))


def _entries(policy: Mapping[str, str], people: int) -> Iterator[str]:
    yield _entry(SUFFIX, ["domain"], dc="dinas")
    for unit in ("people", "groups", "policies", "services"):
        yield _entry(f"ou={unit},{SUFFIX}", ["organizationalUnit"], ou=unit)
    yield _entry(POLICY, ["device", "pwdPolicy"], cn="default", **policy)
    service = ["organizationalRole", "simpleSecurityObject"]
    yield _entry(BIND_DN, service, cn="provisioner", userPassword=BIND_PASSWORD)
    yield _entry(PLACEHOLDER, ["organizationalRole"], cn="nobody")
    for name in ROLE_GROUPS:
        yield _entry(f"cn={name},{GROUPS}", ["groupOfNames"], cn=name, member=PLACEHOLDER)
    for number in range(people):
        uid = f"orang{number:06d}"
        yield _entry(f"uid={uid},{PEOPLE}", ["inetOrgPerson"], uid=uid, cn=uid, sn=uid)


def _entry(dn: str, classes: list[str], **values: str) -> str:
    lines = [("dn", dn), *(("objectClass", name) for name in classes), *values.items()]
    return "".join(f"{name}: {value}\n" for name, value in lines)
