"""One engine: examine instances, sum up, shrink counterexamples; processes; the registry of statements."""
