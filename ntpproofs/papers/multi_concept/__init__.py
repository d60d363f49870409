"""Multi-concept word semantics and in-context learning (2411.02199): model, exact reduced recursion, rest states, errors, statements."""
