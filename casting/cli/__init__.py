"""The `castoon` command. Every command has `--json`; heavy imports happen inside commands, so `--help` answers at once.

Exit codes: 0 success, 2 bad usage, 3 bad input, 4 a library or model that is not ready.

`app`       - the commands' common ground: options, errors, exit codes
`output`    - rich text, JSON, progress
`libraries` - import, rank, forget
`proving`   - rank-words, explain, evaluate
`bridging`  - bridge fit, learn, show, drop
`rebuilding` - rebuild: run, start, watch, stop
`curation`  - actors, photos, review
`mapping`   - map
`castings`  - saved characters, actors set aside for them
`keeping`   - shortlists, kept rankings
`versions`  - index list, verify, rollback
`styles`    - stylize, style list, train
`models`    - models list, pull, verify, path
`system`    - doctor, demo, serve
"""

from casting.cli.app import main

__all__ = ["main"]
