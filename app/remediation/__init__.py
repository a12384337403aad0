"""After the decision: what is ended, by whom, and what came of it."""
