"""The rules of erasures and legal holds. No I/O."""
