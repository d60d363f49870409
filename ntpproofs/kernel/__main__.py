"""`python -m ntpproofs.kernel FILE`: status 0 valid, 1 verification fails, 2 not a certificate."""

import sys

from ..errors import InvalidInput, VerificationFailed
from .certificates import verify_file
from .reading import require


def main(arguments: list[str]) -> int:
    """Verify one file and say what it proves.

    >>> main([])
    2
    """
    try:
        require(len(arguments) == 1, "arguments", f"are {len(arguments)}", "write python -m ntpproofs.kernel CERTIFICATE.json")
        sys.stdout.write("".join(f"{arguments[0]}: proved: {claim}\n" for claim in verify_file(arguments[0])))
    except VerificationFailed as failure:
        sys.stderr.write(f"{arguments[0]}: rejected: {failure}\n")
        return 1
    except InvalidInput as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
