"""What changing staff refuses."""

from booking.platform.base.errors import MawidError


class TwoRolesOnePersonError(MawidError):
    """The person, or the phone, has another open staff account whose roles do not go together with these."""

    code = "two_roles_one_person"
