"""All heads of a model on one protein: compared, and as small pictures."""
