"""aebook: what the chapters of the book on autoencoders share."""
