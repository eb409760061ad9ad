"""Clinical text: read, find what identifies people, replace it."""
