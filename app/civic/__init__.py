"""What is true of any Indonesian city: pure functions, standard library only, each with vectors."""
