"""What runs inside the decoding worker, a process that may be killed at any moment.

It is started often, so only numpy, PyAV or decord and the light modules of this package are
imported here: no torch, no jaxtyping.
"""
