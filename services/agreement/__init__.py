"""The agreement's words, as data files and pure functions.

Who may say what, to whom, about which act, under which legal basis: institutions and the roles they hold for
a period, regions, legal bases, the violation catalogue, sanctions, and the forms of identifiers. The words
stand in `data/`, not in code; each file is read and checked once, when its module is imported, and a broken
file stops the process with its name and line or code. No I/O besides that, no clock, no protobuf, no
database. How statements travel is left to `exchange`, what an agency decides to its own `domain`.
"""
