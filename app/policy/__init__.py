"""Policy: which lane a review takes, who signs, how long each side has, and what opens a decision again."""
