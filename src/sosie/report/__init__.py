"""The report that a data protection officer reads, and the recipient's data sheet."""
