import pytest
from pydantic import ValidationError

from booking.platform.base.settings_servers import ComputingSettings

FILES = {"dask_ca": "ca.pem", "dask_certificate": "certificate.pem", "dask_key": "key.pem"}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:8786"])
def test_on_this_machine_a_scheduler_needs_no_certificate_where_that_is_said(address):
    assert ComputingSettings(dask_address=address, dask_open_on_this_machine=True).dask_address == address
    with pytest.raises(ValidationError, match="every user of this machine could run any code"):
        ComputingSettings(dask_address=address)


@pytest.mark.parametrize("address", ["tls://10.0.0.5:8786", "tls://scheduler.example:8786", "tls://127.0.0.1:8786"])
def test_beyond_it_every_side_shows_a_certificate(address):
    assert ComputingSettings(dask_address=address, **FILES).dask_address == address
    with pytest.raises(ValidationError, match="by tls needs"):
        ComputingSettings(dask_address=address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://127.0.0.1.example:8786", "tcp://[2001:db8::1]:8786"])
def test_nobodys_name_leaves_the_machine_in_the_clear(address):
    with pytest.raises(ValidationError, match="beyond this machine must be tls"):
        ComputingSettings(dask_address=address, dask_open_on_this_machine=True, **FILES)


@pytest.mark.parametrize(
    "address", ["10.0.0.5:8786", "tls://scheduler.example", "ws://127.0.0.1:80", "tls://:8786", "tls://a:x"]
)
def test_what_is_no_address_of_a_scheduler_is_refused(address):
    with pytest.raises(ValidationError):
        ComputingSettings(dask_address=address, **FILES)


@pytest.mark.parametrize("name", FILES)
def test_the_three_files_go_together(name):
    with pytest.raises(ValidationError, match="go together"):
        ComputingSettings(**{other: file for other, file in FILES.items() if other != name})
