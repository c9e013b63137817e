"""Exchange of statements between parties, exactly once in effect.

Statements leave through `transaction` (numbered, signed and logged in one commit), travel by `relay`, arrive in
`inbox`, and are answered with `receipts`. This package knows no agency by name: every agency hands over its
tables and handlers in its own `__main__`.
"""
