"""Which stream wins?"""

from app import page

page.begin("Which stream wins?")
page.finish()
