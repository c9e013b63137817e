"""The stand-alone verifier of evidence packs. It imports nothing of ours."""
