"""The agreement's words, as data files and pure functions.

Who may say what, to whom, about which act, under which legal basis: institutions and the roles they hold for
a period, regions, legal bases, the violation catalogue, sanctions, and the forms of identifiers. The words
stand in `data/`, not in code; each file is read into pydantic models once, when something of it is first asked
for, and a broken file is refused with its name, its line or code, and the field. No I/O besides that, no clock,
no protobuf, no database. How statements travel is left to `exchange`, what an agency decides to its own `domain`.
"""
