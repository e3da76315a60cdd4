"""What figures share: colours, scales, type, small pieces."""
