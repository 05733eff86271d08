"""The dashboard: clicks become calls of `casting`. No models, no FAISS and no SQL here.

`state`  - what all pages share: library, engine, live index, language
`texts`  - every word on screen, in Korean and English
`cards`  - ranked actors as cards and as a table
`rank`   - the page that ranks actors for a character
"""
