"""Seconds that one evaluation on one instance may take, unless somebody says otherwise."""

# Registered statements simulate for seconds at most; what takes longer hangs.
VERIFYING = 120.0
