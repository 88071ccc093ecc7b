"""File -> Clip -> ClipTensor, and frames -> H.264."""
