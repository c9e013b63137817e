"""The trail: every party keeps a log that it cannot rewrite unseen, and anyone can check it from files alone.

`tlog` (the tree), `note` (signed text) and `checkpoint` (the signed head of a log) are pure: bytes in, bytes or an
error out, no I/O and no clock. On them stand the tables of leaves, the sequencer that numbers leaves and signs
checkpoints, the witness, queries and the offline verifier. What a leaf says is left to the package that wrote it
(`exchange` for statements and receipts, an agency for records), sending to `exchange`, and which keys to trust to the
parties file: this package is handed tables, keys and policies, and knows no agency by name.
"""
