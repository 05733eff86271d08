"""The dashboard: clicks become calls of `casting`. No models, no FAISS and no SQL here.

What pages share:

`state`      - library, engine, live index, language
`access`     - signing in, viewers and editors
`address`    - what a page shows, kept in its address
`asked`      - questions put to the engine, and their answers
`texts`      - every word on screen, in Korean and English; the words are in `words/`
`facts`      - facts about actors in the viewer's language
`cards`      - ranked actors as cards and as a table
`explaining` - why an actor stands where they stand
`components` - a picture whose faces can be clicked and corrected; pasting

A page is a module of its own, `rank` to `map`; larger ones have their parts in a folder beside them: `ranking/` of
`rank`, `keeping/` of `castings`, `cast/` of `library`.
"""
