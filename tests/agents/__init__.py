"""Agents on language models."""
