"""What of the paper is where?"""

from app import elements, page
from app.views import paper
from app.views.paper import read_rows

page.begin("What of the paper is where?", clip=False)
elements.words(
    "Multipath Attention and Adaptive Gating Network for Video Action Recognition, Neural "
    "Processing Letters, 2024, "
    "[doi 10.1007/s11063-024-11591-3](https://doi.org/10.1007/s11063-024-11591-3). Written anew "
    "from its text; where that leaves a choice open, the table says what was chosen."
)
paper.show(read_rows())
page.finish()
