"""The public files that name the towns of France: what each of their lines says."""
