"""Widgets, a folder each: what a folder holds says CONTRIBUTING.md, under "A new widget"."""
