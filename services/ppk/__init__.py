"""The desk of personnel authorities (PPK): takes recommendations in, decides on sanctions, reports the follow-up.

One host serves many authorities at once. It leaves judging to the examiner, and whether a follow-up conforms too.
"""
