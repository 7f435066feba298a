"""The sub-commands of the command line, a module each.

A module has `add_arguments(parser)` and `main(args)`, which returns the exit code; it raises
ValueError, OSError and the like for what the user can mend.
"""
