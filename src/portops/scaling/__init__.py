"""A check past one machine: parts of a batch are worked on by the workers of a dask cluster."""
