"""`python -m casting.cli`: the `castoon` command where no script is installed."""

from casting.cli.app import main

main()
