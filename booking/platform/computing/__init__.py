"""Heavy computing: one pure function over many pieces, in this process or on a cluster of Dask, with the same result.

`spread` is what everybody uses; `cluster` is the only file of those who ask that knows Dask, `remote` is what runs on
the machines that compute, `servers` starts them. See docs/decisions/0054-heavy-computing-is-lent-out.md.
"""
