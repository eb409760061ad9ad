"""From the events of patients to one row of numbers each."""
