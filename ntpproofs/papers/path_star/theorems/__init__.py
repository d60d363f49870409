"""The statements about path-star graphs, one file each."""
