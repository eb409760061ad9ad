"""Genomes: the genotypes of patients."""
