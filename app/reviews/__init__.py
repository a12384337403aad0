"""The joint review: a log of events, the state that follows from it, two keys, and two clocks."""
