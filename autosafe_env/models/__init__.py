"""Language models behind one protocol, and wrappers around them, one a file: `MODEL = <class>`."""
