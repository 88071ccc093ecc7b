"""Where does MAAGN beat TSM?"""

from app import page

page.begin("Where does MAAGN beat TSM?")
page.finish()
