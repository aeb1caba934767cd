"""MOSIP's pre-registration: the booking calls of its public description (1.2), below ``/api/mosip``.

A registration centre is an office, an application a person of the household, and an appointment an instant place of the
one service that the settings name. Nothing here gives its caller a power that our own API does not.
"""

from api.mosip.appointments import router

__all__ = ["router"]
