"""The trusted kernel: everything a verdict of grade *certified* rests on, in the standard library only.

It reads certificates, checks them in exact arithmetic, and nothing else. `python -m ntpproofs.kernel FILE` runs it alone.
"""

from .certificates import FORMAT, digest, verify, verify_file
from .instances import Block, Dataset, decode_dataset
from .reading import Vector, parse, rational, read

__all__ = ["FORMAT", "Block", "Dataset", "Vector", "decode_dataset", "digest", "parse", "rational", "read", "verify", "verify_file"]
