"""Processes and the machine: signals, threads, the parent process, progress, atomic writes of DVC."""
