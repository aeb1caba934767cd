"""What changing staff refuses."""

from booking.platform.base.errors import MawidError


class SecondAdministratorNeededError(MawidError):
    """Two administrators make this change: one proposes it, and another person confirms it."""

    code = "second_administrator_needed"


class ChangeOverError(MawidError):
    """The proposed change was decided already, or waited for too long; propose it again."""

    code = "change_over"


class TwoRolesOnePersonError(MawidError):
    """The person, or the phone, has another open staff account whose roles do not go together with these."""

    code = "two_roles_one_person"
