"""Country packs: everything that differs from one country to the next, as data that is checked when it is loaded."""
