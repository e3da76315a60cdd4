"""What the best heads know together of contacts."""
