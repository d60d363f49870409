"""What `limit` says: load an instance or a text, answer, compare with a simulation."""
