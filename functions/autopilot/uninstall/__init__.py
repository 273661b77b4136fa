"""Leaving: everything that bears our tag goes, once a person says so."""
