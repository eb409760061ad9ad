"""From a sampled row of numbers to the events of a double, by models of the population."""
