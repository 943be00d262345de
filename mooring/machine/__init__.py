"""The machine that a process runs on: signals, threads, the parent, progress, durable writes."""
