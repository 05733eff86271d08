"""The engines, one file each; `toonify.registry` lists them and `toonify.load` opens them."""
