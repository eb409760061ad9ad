"""From sampled vectors to images of doubles: detail that belongs to nobody, and the files."""
