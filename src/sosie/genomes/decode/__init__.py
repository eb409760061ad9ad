"""From the sampled vectors of doubles to their haplotypes."""
