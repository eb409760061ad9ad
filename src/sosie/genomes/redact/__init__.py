"""The pseudonymised copy of genomes: names and what headers tell are replaced, genotypes stay as they are."""
