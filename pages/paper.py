"""What of the paper is where?"""

from app import page

page.begin("What of the paper is where?")
page.finish()
