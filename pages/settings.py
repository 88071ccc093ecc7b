"""Which models and data speak here?"""

from app import page

page.begin("Which models and data speak here?")
page.finish()
