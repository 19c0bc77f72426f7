"""The one table of rights."""

import pytest

from app.core.access import GRANTS, PRIVATE, Permission, Role, Scope, may, scope_of


class Somebody:
    def __init__(self, role: Role, unit_code: str | None = None) -> None:
        self.role = role.value
        self.unit_code = unit_code


class Something:
    """A case as far as rights go."""

    def __init__(self, unit_code: str | None = None, visibility: str = "publik") -> None:
        self.unit_code = unit_code
        self.visibility = visibility


@pytest.mark.parametrize("permission", list(Permission))
@pytest.mark.parametrize("role", list(Role))
def test_a_right_reaches_as_far_as_its_row_says(role: Role, permission: Permission) -> None:
    member = Somebody(role, "sdabmbk")
    own, other, nobody = Something("sdabmbk"), Something("dishub"), Something()
    scope = GRANTS[role].get(permission)
    assert scope_of(member, permission) == scope
    assert may(member, permission) == (scope is not None)
    assert may(member, permission, own) == (scope is not None)
    assert may(member, permission, other) == (scope is Scope.CITY)
    assert may(member, permission, nobody) == (scope is Scope.CITY)
    for private in (Something("dishub", PRIVATE), Something(None, PRIVATE)):
        assert not may(member, permission, private)
    assert may(member, permission, Something("sdabmbk", PRIVATE)) == (scope is not None)


def test_without_a_unit_nobody_reaches_what_no_unit_holds() -> None:
    for thing in (Something(), Something(visibility=PRIVATE)):
        assert not may(Somebody(Role.OFFICER), Permission.CASE_READ, thing)


def test_who_runs_the_accounts_reads_no_report() -> None:
    assert not any(name.startswith(("case.", "person.")) for name in GRANTS[Role.ADMIN])
