"""How does a network tell opening from closing?"""

from app import page

page.begin("How does a network tell opening from closing?")
page.finish()
