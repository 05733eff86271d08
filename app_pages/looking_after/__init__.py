"""Parts of the Index page.

`versions` - what is live and what is kept; verify, go back
`jobs`     - the running rebuild, starting and stopping it, how earlier ones ended
`failures` - photos that could not be embedded
"""
