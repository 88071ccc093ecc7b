"""The app, with a line in the file that MAAGN_JOBS names whenever something happens to a job.

MAAGN_JOBS=jobs.txt python tests/crowd/watched.py --server.port=8501
"""

import json
import os
import runpy
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app import jobs

_RECORD, _LOCK = Path(os.environ["MAAGN_JOBS"]), threading.Lock()


def _tell(job: jobs.Job, event: str, words: str = "") -> None:
    line = {"at": time.time(), "job": id(job), "event": event, "words": words}
    with _LOCK, _RECORD.open("a") as file:
        file.write(f"{json.dumps(line)}\n")


def _watch() -> None:
    ask, run = jobs.Queue.ask, jobs._run
    step, wait, leave = jobs.Job.step, jobs.Job.wait, jobs.Job.leave

    def asked(self, key, work, *, asker=""):
        job = ask(self, key, work, asker=asker)
        _tell(job, "ask", repr(key))
        return job

    def ran(job, work):
        _tell(job, "start")
        run(job, work)
        _tell(job, "end")

    def stepped(self, part, doing):
        _tell(self, "step", doing)
        step(self, part, doing)

    def waited(self):
        wait(self)
        _tell(self, "wait")

    def left(self):
        leave(self)
        _tell(self, "leave")

    jobs.Queue.ask, jobs._run = asked, ran
    jobs.Job.step, jobs.Job.wait, jobs.Job.leave = stepped, waited, left


_watch()
runpy.run_module("app", run_name="__main__", alter_sys=True)
