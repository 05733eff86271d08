"""Parts of the Library page: one file a part.

`browsing` - actors as pictures and as a table that can be edited
`actor`    - one actor: photos, facts, rights, merge, forget
`adding`   - photos dropped, and what was refused
`checking` - duplicates and mix-ups to settle
`rights`   - source, licence and consent of photos
`pending`  - the index behind the catalog
`proof`    - what forgetting erased
"""
