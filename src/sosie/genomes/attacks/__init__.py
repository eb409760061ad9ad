"""What a thief can make of doubles' genomes: arrays enter, figures leave. None of them knows how doubles are made."""
