"""Tables, one row for each patient: source, identify, redact, codec and compare."""
