"""When does it look?"""

from app import page

page.begin("When does it look?")
page.finish()
