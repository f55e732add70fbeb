"""From runs to datasets: rows for fine-tuning and for judges, their splits, their card, and their check."""
