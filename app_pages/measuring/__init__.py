"""Parts of the Evaluation page.

`results` - the report: figures, what helps, groups, worst cases, downloads
`charts`  - figures with intervals as charts
"""
