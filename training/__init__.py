"""Scripts that build what the package ships: never imported by it."""
