"""The header fields that state a limit: what it admits, and how much of it is left.

In the form of draft-ietf-httpapi-ratelimit-headers-11: structured fields, one policy by the name of its subject.
"""

from fraud.limiting.limits import Limit


def rate_limit_headers(limit: Limit, remaining: int, seconds: int) -> dict[str, str]:
    """Write a limit, the attempts that it still admits, and the seconds until there is more, as header fields.

    The subject names the limit; its value, a person or an address, is not shown.
    """
    return {
        "RateLimit-Policy": f'"{limit.subject}";q={limit.count};w={limit.per.total_seconds():.0f}',
        "RateLimit": f'"{limit.subject}";r={remaining};t={seconds}',
    }
