"""What the joined pages show."""
