"""The guided tour: what is asked at each step, and what the networks' numbers say to it."""
