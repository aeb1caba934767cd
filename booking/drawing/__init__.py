"""The draw: from requests and free places, through frozen files, to appointments that anyone can check."""
