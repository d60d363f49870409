"""Exact arithmetic behind every target: rational linear algebra, least-norm programmes, cones, balls, logarithms.

Floats propose here and rationals decide; what is decided is handed to the kernel as a certificate.
"""
