"""Asking a language model: prompts, fences around untrusted text, readable answers, and the bill."""
