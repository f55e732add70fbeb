"""The whole loop: risky steps, verified corrections, a dataset, training, and what it was good for."""
