"""Parts of the Map page.

`chart` - the map as a Vega-Lite chart
"""
