"""toonify"""
