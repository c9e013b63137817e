"""The trail: every party keeps a log that it cannot rewrite unseen, and anyone can check it from files alone.

`formats` is pure: bytes in, bytes or an error out, no I/O and no clock. On it stand `log` (leaves, and how they are found),
`sequencing` (numbers leaves and signs checkpoints), `completeness`, `witnessing`, `queries`, `packs` and `verification`. What the
facts in a leaf mean is left to the package that wrote it (`exchange` or an agency), sending to `exchange`, and which keys to
trust to the parties file: this package is handed tables, keys and policies, and knows no agency by name.
"""
