"""What would change the answer?"""

from app import page

page.begin("What would change the answer?")
page.finish()
