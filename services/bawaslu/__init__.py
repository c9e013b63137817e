"""The supervisor's desk (Bawaslu): registers reports and findings, studies them, refers them, sees the outcome.

It leaves judging to the examiner and deciding to the personnel authority; the reporter's identity never leaves it.
"""
