"""Whether an installation is well: settings, servers, rights, jobs and data are looked at, and nothing is changed."""
