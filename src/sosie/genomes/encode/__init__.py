"""From the genotypes of patients to their block of the patient vector."""
