"""Introspection of Data-Juicer ops."""
