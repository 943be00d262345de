"""The subcommands of `mooring`."""
