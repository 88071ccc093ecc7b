"""Where is the evidence, and is it faithful?"""

from app import page

page.begin("Where is the evidence, and is it faithful?")
page.finish()
