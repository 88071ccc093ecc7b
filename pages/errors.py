"""Which opposites are confused?"""

from app import page

page.begin("Which opposites are confused?")
page.finish()
