"""The parts of the small EasyAnimate home; the scripts beside this package put them together."""
