"""What joins the modalities of a cohort: whether they tell one story of each double, and what one says of another."""
