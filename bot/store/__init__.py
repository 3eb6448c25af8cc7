"""Where rows live; Tortoise is known here and nowhere else."""
