"""The witness: a program for people outside, who keep a copy of the log and say aloud what contradicts itself.

It needs no database, no settings and no secret of the state: one folder, and the address of a log.
"""
