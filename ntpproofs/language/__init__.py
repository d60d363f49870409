"""What a theorem file is written in: statements, relations of values and of paths, operands, verdicts, references."""
