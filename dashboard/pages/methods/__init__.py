"""The Methods page: its words, what is generated from the registries, and its drawing."""
