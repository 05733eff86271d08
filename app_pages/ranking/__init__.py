"""The parts of the Rank page.

`character` - who is looked for: a saved character, pictures, or words
`faces`     - which face of each picture counts
`options`   - filters, how many, style, spaces and weights
`result`    - verdict, cards, table, export
`actions`   - save, shortlist, "not this person", keep
`why`       - what made an actor's place
"""
