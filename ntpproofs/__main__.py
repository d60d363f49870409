"""`python -m ntpproofs` is the command line."""

from .commands.cli import main

if __name__ == "__main__":
    main()
