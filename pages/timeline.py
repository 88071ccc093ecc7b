"""What do the networks say, second by second?"""

from app import page, session
from app.views import timeline

session.heed_link("window", timeline.WINDOWS, what="window", default=timeline.WINDOW)
session.heed_link("step", timeline.STEPS, what="step", default=timeline.STEP)
here = page.begin("What do the networks say, second by second?", whole=True)
timeline.show(here)
page.finish()
