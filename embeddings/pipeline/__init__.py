"""From a cast library's pictures to stored vectors: reader -> detector -> stylizer -> encoder -> writer.

Every stage is a small function in a file of its own. `runner.run` takes all five, `runner.find` the first two. A group
of pictures goes through them on one worker, several groups side by side, so that nothing else is handed from thread to
thread; what is stored is written by the caller's thread, in order. Both report what became of every picture, can be
stopped, and put down to a picture what fails on that picture alone. Stylizers come in as plain functions: this package
knows none.
"""

from embeddings.pipeline.progress import Progress
from embeddings.pipeline.runner import Report, find, run
from embeddings.pipeline.work import Found, Group, Lane, Readable, Source

__all__ = ["Found", "Group", "Lane", "Progress", "Readable", "Report", "Source", "find", "run"]
