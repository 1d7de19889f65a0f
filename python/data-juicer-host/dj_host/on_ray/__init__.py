"""Jobs that Data-Juicer's Ray executors run: on a Ray of the job's own on this host, or on a cluster that the recipe names."""
