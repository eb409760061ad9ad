"""The evidence made readable: a report for the data protection officer, a datasheet for the recipient."""
