"""Erasure of personal data by order (perintah penghapusan), and the legal holds (penahanan penghapusan) that stop it.

It stands beside every desk and knows none: what a desk keeps on a person beyond its personal parts (an index, files), the
host's list of features hands over as plain functions.
"""
