"""The loops that wake work up; the work's own state decides what is done."""
