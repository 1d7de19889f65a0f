"""A process that imports Data-Juicer once and runs each job in a fork of itself."""
